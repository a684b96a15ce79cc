// Package sanction is the entries of the discipline commission of the baccalauréat: what was pronounced, by
// whom, until when, and what became of it. There is no motive, nor any free text to write one in: the arrêté of
// 13 October 2014, art. 2, leaves out « tout motif justifiant la sanction ».
//
// A sanction has a stream, keys and a clock of its own, because it outlives the livret it is written on as often
// as not. Who was sanctioned stands in another stream of the same owner, in package identity: so this package
// names nobody, and a jury may be handed its events. A stream knows the livrets it is entered in by their random
// ids, inside what is sealed.
//
// The sanctions of schools are another catalogue, in streams of another category: see SchoolCategory.
package sanction

import "livret/domain"

// Category is the stream category: sanction-<random>.
const Category = "sanction"

// Events is the catalogue of what may stand in the streams of this package.
func Events() []domain.Kind {
	return []domain.Kind{
		domain.Define[ProceedingsOpened](1), domain.Define[ProceedingsDropped](1),
		domain.Define[SanctionPronounced](1), domain.Define[LivretLinked](1), domain.Define[PaperVoided](1),
		domain.Define[SanctionAmended](1), domain.Define[SursisRevoked](1), domain.Define[SanctionAnnulled](1),
		domain.Define[SchoolSanctionPronounced](1), domain.Define[SchoolSanctionLifted](1),
	}
}
