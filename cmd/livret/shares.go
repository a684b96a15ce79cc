package main

import (
	"errors"

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/eventstore/keyvault"
)

// shares are the files of the two shares of a custody pair, for a verb that may need to read what is in custody.
type shares [2]string

func (s *shares) flags(verb *cobra.Command) {
	verb.Flags().StringVar(&s[0], "share1", "", "first share's `file`, if the keys are in custody")
	verb.Flags().StringVar(&s[1], "share2", "", "second share's `file`")
}

// halves is the private half that the shares make; none if no share was given.
func (s *shares) halves() ([]*keyvault.PrivateHalf, error) {
	switch {
	case *s == shares{}:
		return nil, nil
	case s[0] == "" || s[1] == "":
		return nil, usageError{errors.New("a custody pair has two shares: give --share1 and --share2")}
	}
	half, err := instance.ReadShares(*s)
	return []*keyvault.PrivateHalf{half}, err
}
