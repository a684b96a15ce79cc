package main

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"livret/cmd/livret/instance"
	"livret/cmd/livret/lycee"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/record"
	"livret/projections/family"
)

// demoJury is the jury before which the candidates of the demonstration come.
func demoJury() instance.JuryName {
	return instance.JuryName{Session: deliberation.ExamSession{Year: demoYear + 1, Round: deliberation.Juin}, Number: "0108"}
}

// demoJuror is the staff id of somebody invented for the jury.
func demoJuror(i *instance.Instance, office deliberation.Office) uuid.UUID {
	return uuid.NewSHA1(i.Settings.Ledger, []byte("juror/"+office))
}

// juror is somebody invented for the jury, in his role there.
func juror(i *instance.Instance, role string, office deliberation.Office) access.Actor {
	session := demoJury().Session
	return access.Actor{Actor: domain.Actor{Role: role}, Session: session.Year, Round: session.Round, Staff: demoJuror(i, office)}
}

// convene brings the fictional livrets before a jury: visaed, locked, transmitted, assigned. The first division is
// left as it is, for its teachers to write in, and so are livrets that lack something, as in any school. It is done
// once, with the opening of the session.
func convene(ctx context.Context, i *instance.Instance) error {
	jury := demoJury()
	if changed, err := i.OpenSession(ctx, operator(), jury.Session); err != nil || !changed {
		return err
	}
	if _, err := i.FormJury(ctx, operator(), jury); err != nil {
		return err
	}
	for _, office := range deliberation.Offices() {
		if _, err := i.NameJuror(ctx, operator(), jury, demoJuror(i, office), office); err != nil {
			return err
		}
	}
	pupils, err := i.Family.Pupils(ctx, lycee.UAI, demoYear, "")
	if err != nil || len(pupils) == 0 {
		return err
	}
	if err := exerciseRights(ctx, i, pupils); err != nil {
		return err
	}
	met := map[string]bool{pupils[0].Division: true}
	for _, p := range pupils {
		if met[p.Division] {
			continue
		}
		met[p.Division] = true
		class := instance.Class{School: lycee.UAI, Session: jury.Session, Division: p.Division}
		if _, err := i.ValidateClass(ctx, operator(), class); err != nil {
			return err
		}
		if _, err := i.TransmitClass(ctx, operator(), class); err != nil {
			return err
		}
	}
	_, err = i.Assign(ctx, operator(), jury)
	return err
}

// exerciseRights has three families of the last division do what the law lets them, so that who decides, and who owes a
// livret on paper, has something to do.
func exerciseRights(ctx context.Context, i *instance.Instance, pupils []family.Entry) error {
	last := slices.DeleteFunc(slices.Clone(pupils), func(p family.Entry) bool { return p.Division != pupils[len(pupils)-1].Division })
	if len(last) < 3 {
		return nil
	}
	head := head(string(lycee.UAI))
	if err := i.RequestRectification(ctx, head, last[0].Livret, fictional(i, "demande d’état civil"), record.Subject{Kind: record.SubjectIdentity},
		"Mon deuxième prénom manque sur le livret."); err != nil {
		return err
	}
	if err := i.RequestRectification(ctx, head, last[1].Livret, fictional(i, "autre demande"), record.Subject{Kind: record.SubjectOther},
		"Mon engagement de délégué de classe n’est pas mentionné."); err != nil {
		return err
	}
	return i.RefuseOnline(ctx, head, last[2].Livret, fictional(i, "refus"), true)
}
