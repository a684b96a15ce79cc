package esdb

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	client "github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// ErrConfig says that a connection string, or what comes with it, can not be used.
var ErrConfig = errors.New("esdb: wrong configuration")

// allowed are the settings of a connection string that may stand in one. The client only warns of others, sets a
// deadline of zero for one that is no number, and sends no credentials without TLS: all of that is refused here.
var allowed = map[string]func(string) bool{
	"tls":               isBool,
	"tlsverifycert":     isBool,
	"tlscafile":         isText,
	"usercertfile":      isText,
	"userkeyfile":       isText,
	"nodepreference":    func(v string) bool { return strings.EqualFold(v, "leader") },
	"discoveryinterval": isCount,
	"gossiptimeout":     isCount,
	"keepaliveinterval": isCountOrNone,
	"keepalivetimeout":  isCountOrNone,
	"defaultdeadline":   isCount,
}

func isText(v string) bool        { return v != "" }
func isBool(v string) bool        { _, err := strconv.ParseBool(strings.ToLower(v)); return err == nil }
func isCount(v string) bool       { n, err := strconv.Atoi(v); return err == nil && n > 0 }
func isCountOrNone(v string) bool { return v == "-1" || isCount(v) }

// Check tells whether a connection string may stand in a file that anybody reads: it is one that Open takes, and holds
// no credentials.
func Check(connection string) error {
	config, err := parse(connection)
	if err == nil && (config.Username != "" || config.Password != "") {
		err = fmt.Errorf("%w: credentials do not belong in the connection string", ErrConfig)
	}
	return err
}

func parse(connection string) (*client.Configuration, error) {
	_, query, _ := strings.Cut(connection, "?")
	settings, err := url.ParseQuery(query)
	if err != nil {
		return nil, fmt.Errorf("%w: malformed settings", ErrConfig)
	}
	for key, values := range settings {
		valid, known := allowed[strings.ToLower(key)]
		switch {
		case !known:
			return nil, fmt.Errorf("%w: setting %q does not exist, or is not for you to choose", ErrConfig, key)
		case len(values) != 1 || !valid(values[0]):
			return nil, fmt.Errorf("%w: setting %q can not be %q", ErrConfig, key, strings.Join(values, ","))
		}
	}
	config, err := client.ParseConnectionString(connection)
	if err != nil { // its words may hold the connection string, hence a password
		return nil, fmt.Errorf("%w: esdb://host:port[,host:port…][?setting=value] or esdb+discover://name is expected", ErrConfig)
	}
	return config, nil
}

// configure makes the client's configuration of the store's options.
func configure(o Options) (*client.Configuration, error) {
	config, err := parse(o.Connection)
	if err != nil {
		return nil, err
	}
	if o.Username != "" {
		config.Username, config.Password = o.Username, o.Password
	}
	if config.Username != "" && config.DisableTLS {
		return nil, fmt.Errorf("%w: the client sends no credentials without TLS", ErrConfig)
	}
	config.NodePreference = client.NodePreferenceLeader
	config.MaxDiscoverAttempts = 1 // the store tries again by itself; see pool
	config.DiscoveryInterval = 1
	config.Logger = func(level client.LogLevel, format string, args ...any) {
		if o.Log != nil {
			o.Log.Debug("esdb client: "+fmt.Sprintf(format, args...), "level", level)
		}
	}
	return config, nil
}
