// Package jury is the view of the jury: a pseudonymous dossier under a candidate number. Nothing it is built
// from can name a pupil: it imports no room that knows names, is never handed their events, and may open no
// key of theirs.
package jury
