// Package family is the view of the pupil and his family: the whole livret, in clear, with the history of
// its corrections.
package family
