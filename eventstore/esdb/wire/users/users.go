// Package users is the file that says who may read over the wire, and which categories of streams. A line is
// "name:bcrypt hash:category,category"; lines that begin with # say nothing. Passwords are drawn, never chosen, and shown
// once.
package users

import (
	"bufio"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"

	"golang.org/x/crypto/bcrypt"
)

// Errors of users.
var (
	ErrUnknown   = errors.New("users: no such user, or another password")
	ErrMalformed = errors.New("users: malformed line")
)

var (
	validName     = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)
	validCategory = regexp.MustCompile(`^[a-z]+$`)
)

type user struct {
	hash       []byte
	categories []string
}

// Users are those who may read.
type Users struct {
	users map[string]user
	salt  [32]byte // of what is remembered, in this process only

	mu       sync.Mutex
	hashing  sync.Mutex // one at a time: who tries passwords takes no more of the machine
	verified map[string][sha256.Size]byte
}

// Read reads a file of users.
func Read(r io.Reader) (*Users, error) {
	u := &Users{users: make(map[string]user), verified: make(map[string][sha256.Size]byte)}
	if _, err := rand.Read(u.salt[:]); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.Split(line, ":")
		if len(parts) != 3 {
			return nil, fmt.Errorf("%w %d", ErrMalformed, n)
		}
		name, categories := parts[0], strings.Split(parts[2], ",")
		_, err := bcrypt.Cost([]byte(parts[1]))
		if _, twice := u.users[name]; twice || err != nil || check(name, categories) != nil {
			return nil, fmt.Errorf("%w %d", ErrMalformed, n)
		}
		u.users[name] = user{hash: []byte(parts[1]), categories: categories}
	}
	return u, lines.Err()
}

func check(name string, categories []string) error {
	if !validName.MatchString(name) {
		return fmt.Errorf("%w: a name is of small letters, digits, dots and dashes", ErrMalformed)
	}
	for _, c := range categories {
		if !validCategory.MatchString(c) {
			return fmt.Errorf("%w: a category is of small letters, as in record or candidate", ErrMalformed)
		}
	}
	return nil
}

// Has tells whether there is a user of that name.
func (u *Users) Has(name string) bool {
	_, found := u.users[name]
	return found
}

// New draws a password for a user, and answers the line of the file that goes with it.
func New(name string, categories []string) (line, password string, err error) {
	if err := check(name, categories); err != nil {
		return "", "", err
	}
	password = rand.Text()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)
	if err != nil {
		return "", "", err
	}
	return name + ":" + string(hash) + ":" + strings.Join(categories, ","), password, nil
}

// nobody is the hash that the password of who is not known is checked against, so that it takes as long; its answer counts
// for nothing.
const nobody = "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"

// Categories answers which categories a user may read. A password that was right is not hashed again as long as the
// process lives: clients send it with each call.
func (u *Users) Categories(name, password string) ([]string, error) {
	mac := hmac.New(sha256.New, u.salt[:])
	mac.Write([]byte(name + "\x00" + password))
	seen := [sha256.Size]byte(mac.Sum(nil))
	known, exists := u.users[name]
	u.mu.Lock()
	right := exists && u.verified[name] == seen
	u.mu.Unlock()
	if right {
		return known.categories, nil
	}
	hash := []byte(nobody)
	if exists {
		hash = known.hash
	}
	u.hashing.Lock()
	err := bcrypt.CompareHashAndPassword(hash, []byte(password))
	u.hashing.Unlock()
	if err != nil || !exists {
		return nil, ErrUnknown
	}
	u.mu.Lock()
	u.verified[name] = seen
	u.mu.Unlock()
	return known.categories, nil
}
