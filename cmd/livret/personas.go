package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"livret/cmd/livret/instance"
	"livret/cmd/livret/lycee"
	"livret/cmd/livret/web"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/identity"
	"livret/domain/record"
	"livret/domain/retention"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
	"livret/projections/family"
)

// demoYear is the school year that ends on the demonstration's day.
const demoYear = 2017

// personas finds in the fictional lycée somebody of each role, and says who may be tried.
func personas(ctx context.Context, i *instance.Instance) (*web.Demo, error) {
	c := &casting{Instance: i, demo: &web.Demo{Today: i.Today(), School: "lycée Aurore-Delmas de Valombrey-sur-Lisse"}}
	for _, cast := range []func(context.Context) error{c.school, c.families, c.outsiders} {
		if err := cast(ctx); err != nil {
			return nil, err
		}
	}
	return c.demo, nil
}

type casting struct {
	*instance.Instance
	demo   *web.Demo
	pupils []family.Entry
	past   uuid.UUID // a livret that is no longer of the active service, if none is
}

func (c *casting) add(id, name, about, start string, actor access.Actor) {
	actor.Person = uuid.NewSHA1(c.Settings.Ledger, []byte(id)) // of a persona, who is nobody
	if actor.Staff != uuid.Nil {
		actor.Person = actor.Staff
	}
	c.demo.Personas = append(c.demo.Personas, web.Persona{
		ID: id, Name: name, RoleLabel: capital(access.RoleLabel(actor.Role)), About: about, Start: start, Actor: actor,
	})
}

func capital(s string) string {
	first := []rune(s)
	return strings.ToUpper(string(first[:1])) + string(first[1:])
}

// school casts the staff: the head, a CPE, and two teachers of the first division.
func (c *casting) school(ctx context.Context) error {
	var err error
	if c.pupils, err = c.Family.Pupils(ctx, lycee.UAI, demoYear, ""); err != nil {
		return err
	}
	staff, err := c.Family.Roster().Staff(ctx, lycee.UAI)
	if err != nil {
		return err
	}
	cast := make(map[string]bool)
	for _, id := range staff {
		s, _, err := ledger.Load(ctx, c.Ledger, identity.StaffDecider, id)
		if err != nil {
			return err
		}
		switch name := s.Identity.DisplayName(); {
		case s.Identity.Function == "DIR" && !cast["DIR"]:
			c.add("chef", name, "Voit tout l’établissement, importe, corrige, verrouille, vise.", "/classes",
				access.Actor{Actor: domain.Actor{Role: access.ChefEtablissement}, UAI: lycee.UAI, Staff: id})
		case s.Identity.Function == "EDU" && !cast["EDU"]:
			c.add("cpe", name, "Lit les livrets de l’établissement, écrit les observations sur les engagements.", "/classes",
				access.Actor{Actor: domain.Actor{Role: access.CPE}, UAI: lycee.UAI, Staff: id})
		}
		cast[s.Identity.Function] = true
	}
	return c.teachers(ctx)
}

// teachers casts the teachers of two matières of the first pupil's division: one of them is its professeur
// principal.
func (c *casting) teachers(ctx context.Context) error {
	for _, p := range c.pupils {
		state, _, err := ledger.Load(ctx, c.Ledger, record.Decider, p.Livret)
		if past(err) {
			continue
		}
		if err != nil {
			return err
		}
		var found []uuid.UUID
		for line := range state.LinesOf(demoYear) {
			if len(line.Teachers) > 0 && line.Enseignement.Modalite == "S" && (len(found) == 0 || found[0] != line.Teachers[0]) {
				found = append(found, line.Teachers[0])
			}
		}
		if len(found) < 2 {
			continue
		}
		for n, id := range found[:2] {
			s, _, err := ledger.Load(ctx, c.Ledger, identity.StaffDecider, id)
			if err != nil {
				return err
			}
			actor := access.Actor{Actor: domain.Actor{Role: access.Enseignant}, UAI: lycee.UAI, Staff: id}
			about, key := "Saisit moyennes, compétences et appréciations de ses élèves, et d’eux seuls.", "enseignant"
			if n == 1 {
				actor.Role, key = access.ProfesseurPrincipal, "principal"
				actor.Divisions = []access.Division{{Year: demoYear, Name: p.Division}}
				about = fmt.Sprintf("Enseigne, et porte l’avis de l’équipe sur la %s.", p.Division)
			}
			c.add(key, s.Identity.DisplayName(), about, "/classes", actor)
		}
		return nil
	}
	return nil
}

// families casts a pupil who is of age and one who is not, with a guardian of each: the law lets only one of
// the two guardians in.
func (c *casting) families(ctx context.Context) error {
	var minor, adult bool
	for _, p := range c.pupils {
		pupil, _, err := ledger.Load(ctx, c.Ledger, identity.PupilDecider, p.Livret)
		if past(err) {
			continue
		}
		if err != nil {
			return err
		}
		ofAge := pupil.AdultOn(c.Today())
		if ofAge && adult || !ofAge && minor || pupil.Birth().IsZero() {
			continue
		}
		for _, g := range pupil.Guardians {
			if !g.HasAuthority() {
				continue
			}
			start := "/livrets/" + p.Livret.String()
			guardian := access.Actor{Actor: domain.Actor{Role: access.ResponsableLegal}, UAI: lycee.UAI, PersonID: g.PersonID, Livrets: []uuid.UUID{p.Livret}}
			if ofAge {
				c.add("responsable-majeur", g.DisplayName(), "Parent d’un élève majeur : son accès a pris fin le jour des dix-huit ans, sans que personne n’agisse.", start, guardian)
				adult = true
				break
			}
			c.add("eleve", pupil.Civil.DisplayName(), "Lit son propre livret, avec l’historique de chaque correction.", start,
				access.Actor{Actor: domain.Actor{Role: access.Eleve}, UAI: lycee.UAI, Livrets: []uuid.UUID{p.Livret}})
			c.add("responsable", g.DisplayName(), "Parent de cet élève mineur : lit le livret de son enfant.", start, guardian)
			minor = true
			break
		}
		if minor && adult {
			return nil
		}
	}
	if minor || adult {
		return nil
	}
	return c.gone(ctx)
}

// gone casts a pupil whose livret the active service can no longer read: it is in custody, or destroyed.
func (c *casting) gone(ctx context.Context) error {
	docket, err := c.Ledger.Docket(ctx)
	if err != nil {
		return err
	}
	for _, livret := range slices.SortedFunc(maps.Keys(docket.Owners), func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) }) {
		if docket.Owners[livret].Kind() == retention.Livret {
			c.past = livret
			c.add("eleve", "Un élève", "Son livret n’est plus au service courant : la page dit ce qu’il est devenu.", "/livrets/"+livret.String(),
				access.Actor{Actor: domain.Actor{Role: access.Eleve}, UAI: lycee.UAI, Livrets: []uuid.UUID{livret}})
			return nil
		}
	}
	return nil
}

// past tells that a livret is no longer of the active service.
func past(err error) bool {
	return errors.Is(err, keyvault.ErrShredded) || errors.Is(err, keyvault.ErrArchived)
}

// outsiders casts those who never learn who a pupil is, and the auditor.
func (c *casting) outsiders(ctx context.Context) error {
	session := demoJury().Session
	before := fmt.Sprintf("/jury/%d/%s", session.Year, session.Round)
	c.add("jury", "Mme la présidente du jury", "Lit des dossiers sans nom, sans établissement, sans nom d’enseignant, et appose son visa.", before,
		juror(c.Instance, access.PresidentJury, deliberation.President))
	c.add("jure", "Un membre du jury", "Lit les mêmes dossiers, sans rien y écrire.", before, juror(c.Instance, access.MembreJury, deliberation.Member))
	c.add("dec", "Division des examens et concours", "Suit la session : jurys, livrets transmis, délibérations.", fmt.Sprintf("/sessions/%d/%s", session.Year, session.Round),
		access.Actor{Actor: domain.Actor{Role: access.DEC}, Academie: c.Settings.Academie})
	c.add("statisticien", "Service statistique académique", "Lit des tableaux où nul ne peut être reconnu.", "/statistiques",
		access.Actor{Actor: domain.Actor{Role: access.Statisticien}, Academie: c.Settings.Academie})
	c.add("archives", "Service des archives", "Suit ce qui échoit, ce qui attend un visa, et les certificats de destruction, sans aucun nom.", "/conservation",
		access.Actor{Actor: domain.Actor{Role: access.Archives}, Academie: c.Settings.Academie})
	livret := c.past
	if len(c.pupils) > 0 {
		livret = c.pupils[0].Livret
	}
	if before, err := c.beforeAJury(ctx); err != nil {
		return err
	} else if before != uuid.Nil {
		livret = before
	}
	if livret != uuid.Nil {
		c.add("auditeur", "Auditeur", "Rejoue l’histoire d’un livret : qui a écrit quoi, ce qu’il y avait avant, ce que le jury voyait tel jour à telle heure, et ce qui le prouve.", "/livrets/"+livret.String()+"/rejeu",
			access.Actor{Actor: domain.Actor{Role: access.Auditeur}, Academie: c.Settings.Academie})
	}
	return nil
}

// beforeAJury is a livret that a jury was given, uuid.Nil if none can be read.
func (c *casting) beforeAJury(ctx context.Context) (uuid.UUID, error) {
	entries, err := c.Jury.ListOf(ctx, demoJury().Stream())
	for _, e := range entries {
		if e.Supplied {
			return c.Ledger.CandidateLivret(ctx, demoJury().Session, e.Number)
		}
	}
	return uuid.Nil, err
}
