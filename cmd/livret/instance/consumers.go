package instance

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/nomenclature"
)

// Audiences of the feed.
const (
	FamilyAudience     = "family"
	JuryAudience       = "jury"
	StatisticsAudience = "statistics"
)

// Audiences lists them.
func Audiences() []string { return []string{FamilyAudience, JuryAudience, StatisticsAudience} }

// Consumer is software that follows the feed of one audience. What it proves itself by is kept as a hash only: 256 bits
// that were drawn need no slower one.
type Consumer struct {
	ID       uuid.UUID   `json:"id"` // the person its access is asked for as
	Name     string      `json:"name"`
	Audience string      `json:"audience"`
	Scope    string      `json:"scope,omitempty"` // UAI of the school, or session as in "2018-juin"
	Hash     []byte      `json:"hash"`            // SHA-256 of the token
	Since    time.Time   `json:"since"`
	Until    domain.Date `json:"until,omitzero"` // the first day on which it is not heard any more; zero: for ever
}

// Errors of consumers.
var (
	ErrNoConsumer = errors.New("instance: no such consumer")
	ErrConsumer   = errors.New("instance: there is a consumer of that name")
)

const consumersFile = "consumers.json"

var consumerName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// tokenPrefix lets a leaked token be found by who scans for them.
const tokenPrefix = "livret_"

// Consumers are those that a data folder admits, in a file of their own that is changed in one step: who is removed is not
// heard from the next request on, also by a server that runs meanwhile.
type Consumers struct{ dir string }

// ConsumersOf are those of a data folder, which need not be open.
func ConsumersOf(dir string) (Consumers, error) {
	_, err := ReadSettings(dir)
	return Consumers{dir}, err
}

// Consumers are those of this instance.
func (i *Instance) Consumers() Consumers { return Consumers{i.dir} }

// Add admits a consumer and answers its token, which is kept nowhere. It refuses a malformed one with ErrUsage and
// a name that is taken with ErrConsumer.
func (k Consumers) Add(c Consumer, now time.Time) (token string, err error) {
	if !consumerName.MatchString(c.Name) {
		return "", fmt.Errorf("%w: a name is of letters, digits and dashes, as in exams-2018", ErrUsage)
	}
	switch c.Audience {
	case FamilyAudience:
		if _, err := nomenclature.ParseUAI(c.Scope); err != nil {
			return "", fmt.Errorf("%w: the audience %s needs the UAI of a school", ErrUsage, c.Audience)
		}
	case JuryAudience:
		if !c.session().Known() || c.session().String() != c.Scope {
			return "", fmt.Errorf("%w: the audience %s needs a session, as in 2018-juin", ErrUsage, c.Audience)
		}
	case StatisticsAudience:
		if c.Scope != "" {
			return "", fmt.Errorf("%w: statistics are those of the whole académie", ErrUsage)
		}
	default:
		return "", fmt.Errorf("%w: an audience is one of %s", ErrUsage, strings.Join(Audiences(), ", "))
	}
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return "", err
	}
	token = tokenPrefix + base64.RawURLEncoding.EncodeToString(secret)
	hash := sha256.Sum256([]byte(token))
	c.ID, c.Hash, c.Since = uuid.New(), hash[:], now.UTC().Truncate(time.Second)
	return token, k.change(func(all []Consumer) ([]Consumer, error) {
		for _, other := range all {
			if other.Name == c.Name {
				return nil, ErrConsumer
			}
		}
		return append(all, c), nil
	})
}

// Remove ends a consumer. It fails with ErrNoConsumer.
func (k Consumers) Remove(name string) error {
	return k.change(func(all []Consumer) ([]Consumer, error) {
		for n, c := range all {
			if c.Name == name {
				return append(all[:n], all[n+1:]...), nil
			}
		}
		return nil, ErrNoConsumer
	})
}

// All lists them.
func (k Consumers) All() (all []Consumer, err error) {
	content, err := os.ReadFile(filepath.Join(k.dir, consumersFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(content, &all); err != nil {
		return nil, fmt.Errorf("%s: malformed", consumersFile)
	}
	return all, nil
}

// By finds the consumer of a token on a day, or ErrNoConsumer.
func (k Consumers) By(token string, today domain.Date) (Consumer, error) {
	all, err := k.All()
	if err != nil {
		return Consumer{}, err
	}
	hash := sha256.Sum256([]byte(token))
	for _, c := range all {
		if subtle.ConstantTimeCompare(c.Hash, hash[:]) == 1 && (c.Until.IsZero() || today.Before(c.Until)) {
			return c, nil
		}
	}
	return Consumer{}, ErrNoConsumer
}

// change replaces the file, one process after another.
func (k Consumers) change(change func([]Consumer) ([]Consumer, error)) (err error) {
	path := filepath.Join(k.dir, consumersFile)
	lock := flock.New(path + ".lock")
	if err := lock.Lock(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	all, err := k.All()
	if err != nil {
		return err
	}
	if all, err = change(all); err != nil {
		return err
	}
	content, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(k.dir, ".consumers-*") // of mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(append(content, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	return err
}

// actor is in whose name access is asked for a consumer: a school's software sees what its head does, that of the exams
// what the head of a centre de délibération does, who is told of all juries of the session.
func (c Consumer) actor(i *Instance) access.Actor {
	actor := access.Actor{Actor: domain.Actor{Person: c.ID}}
	switch c.Audience {
	case FamilyAudience:
		actor.Role, actor.UAI = access.ChefEtablissement, nomenclature.UAI(c.Scope)
	case JuryAudience:
		session := c.session()
		actor.Role, actor.Session, actor.Round = access.ChefCentre, session.Year, session.Round
	case StatisticsAudience:
		actor.Role, actor.Academie = access.Statisticien, i.Settings.Academie
	}
	return actor
}

func (c Consumer) session() deliberation.ExamSession {
	year, round, _ := strings.Cut(c.Scope, "-")
	n, _ := strconv.Atoi(year)
	return deliberation.ExamSession{Year: nomenclature.SchoolYear(n), Round: round}
}
