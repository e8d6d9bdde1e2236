package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"rasad/city"
	"rasad/city/file"
	"rasad/history/influx"
	"rasad/server"
)

// fileConfig is what --config says: how the server runs. What the city is, the
// city file says. A flag or an environment variable wins over the file.
type fileConfig struct {
	Listen     string            `yaml:"listen"`
	Hosts      []string          `yaml:"hosts"`
	Origins    []string          `yaml:"origins"`
	Proxies    []string          `yaml:"behind_proxy"`
	Metrics    []string          `yaml:"metrics_from"` // networks that may read /metrics, beside loopback
	TLS        tlsConfig         `yaml:"tls"`
	Journal    journalConfig     `yaml:"journal"`
	Influx     influxConfig      `yaml:"influx"`
	Container  bool              `yaml:"container"` // the port is published on loopback only
	Collectors []collectorConfig `yaml:"collectors"`
}

type tlsConfig struct {
	Cert string `yaml:"cert"`
	Key  string `yaml:"key"`
}

type journalConfig struct {
	Second   string `yaml:"second"`   // a second directory, written in the same commit
	FloorMiB int64  `yaml:"floor_mb"` // free space below which nothing is accepted; 0: 5 % or 512 MiB
}

type influxConfig struct {
	URL       string `yaml:"url"`
	Org       string `yaml:"org"`
	Bucket    string `yaml:"bucket"`
	Token     string `yaml:"token"`
	TokenFile string `yaml:"token_file"`
}

// collectorConfig is one row of the collectors list.
type collectorConfig struct {
	Kind     string `yaml:"kind"`     // a name of the catalogue
	Name     string `yaml:"name"`     // stands beside its readings; the kind where it is left out
	Settings string `yaml:"settings"` // YAML of its own, as a block of text; docs/collectors
}

// common are the flags of every subcommand that opens DATA.
type common struct {
	Data   string `help:"Folder of everything that Rasad keeps." default:"data" env:"RASAD_DATA" placeholder:"DIR"`
	Config string `help:"How the server runs: a YAML file." env:"RASAD_CONFIG" placeholder:"FILE"`
	City   string `help:"What the city is: a YAML file. Default: Isfahan." env:"RASAD_CITY" placeholder:"FILE"`
}

// network are the flags of every subcommand that serves.
type network struct {
	Listen       string   `help:"Address to serve on. Default: 127.0.0.1:8080." env:"RASAD_LISTEN" placeholder:"ADDR"`
	Second       string   `help:"Second journal directory." env:"RASAD_JOURNAL_SECOND" placeholder:"DIR"`
	InfluxURL    string   `help:"InfluxDB, such as http://127.0.0.1:8086. Default: none." env:"RASAD_INFLUX_URL" placeholder:"URL"`
	InfluxOrg    string   `help:"Organisation (2.x)." env:"RASAD_INFLUX_ORG" placeholder:"NAME"`
	InfluxBucket string   `help:"Bucket (2.x) or database (1.x). Default: rasad." env:"RASAD_INFLUX_BUCKET" placeholder:"NAME"`
	InfluxToken  string   `help:"File that holds the token (2.x) or user:password (1.x)." name:"influx-token-file" env:"RASAD_INFLUX_TOKEN_FILE" placeholder:"FILE"`
	Container    bool     `help:"In a container whose port is published on this machine only." env:"RASAD_CONTAINER"`
	Hosts        []string `help:"Names that requests may be for, beside the loopback names." env:"RASAD_HOSTS" placeholder:"NAME"`
	Origins      []string `help:"Other sites whose pages may open sockets here." env:"RASAD_ORIGINS" placeholder:"URL"`
	BehindProxy  []string `help:"Networks of the proxies in front." env:"RASAD_BEHIND_PROXY" placeholder:"CIDR"`
	MetricsFrom  []string `help:"Networks that may read /metrics, beside loopback." env:"RASAD_METRICS_FROM" placeholder:"CIDR"`
	TLSCert      string   `help:"Certificate, PEM." name:"tls-cert" env:"RASAD_TLS_CERT" placeholder:"FILE"`
	TLSKey       string   `help:"Its key, PEM." name:"tls-key" env:"RASAD_TLS_KEY" placeholder:"FILE"`
	FloorMiB     int64    `help:"Free space in MiB below which nothing is accepted. Default: 5 %, at least 512." name:"journal-floor-mb" env:"RASAD_JOURNAL_FLOOR_MB" placeholder:"N"`
	StaticDir    string   `help:"Serve the pages from this folder instead of the binary, for work on them." placeholder:"DIR"`
}

// settings is the configuration in force.
type settings struct {
	fileConfig

	data string
	city []byte // the city file
	name string // the city file's name
}

// load reads the files that c and n name, and puts the flags over them.
func load(c common, n network) (settings, error) {
	s := settings{data: c.Data, city: file.Isfahan(), name: "isfahan.yaml"}
	if c.Config != "" {
		src, err := os.ReadFile(c.Config)
		if err != nil {
			return s, fmt.Errorf("%w configuration: %w", city.ErrInvalid, err)
		}
		if err := file.Decode(c.Config, src, &s.fileConfig); err != nil {
			return s, err
		}
	}
	if c.City != "" {
		src, err := os.ReadFile(c.City)
		if err != nil {
			return s, fmt.Errorf("%w city file: %w", city.ErrInvalid, err)
		}
		s.city, s.name = src, c.City
	}
	n.over(&s.fileConfig)
	s.Container = s.Container || n.Container
	if s.Listen == "" {
		s.Listen = "127.0.0.1:8080"
	}
	if s.Influx.Bucket == "" {
		s.Influx.Bucket = "rasad"
	}
	if v := os.Getenv("RASAD_INFLUX_TOKEN"); v != "" {
		s.Influx.Token = v
	}
	if s.Influx.TokenFile != "" {
		b, err := os.ReadFile(s.Influx.TokenFile)
		if err != nil {
			return s, fmt.Errorf("%w token file: %w", city.ErrInvalid, err)
		}
		s.Influx.Token = strings.TrimSpace(string(b))
	}
	return s, nil
}

// over puts the flags over what the file says.
func (n *network) over(f *fileConfig) {
	for into, flag := range map[*string]string{
		&f.Listen: n.Listen, &f.Journal.Second: n.Second, &f.TLS.Cert: n.TLSCert, &f.TLS.Key: n.TLSKey,
		&f.Influx.URL: n.InfluxURL, &f.Influx.Org: n.InfluxOrg, &f.Influx.Bucket: n.InfluxBucket, &f.Influx.TokenFile: n.InfluxToken,
	} {
		if flag != "" {
			*into = flag
		}
	}
	for into, flag := range map[*[]string][]string{&f.Hosts: n.Hosts, &f.Origins: n.Origins, &f.Proxies: n.BehindProxy, &f.Metrics: n.MetricsFrom} {
		if len(flag) > 0 {
			*into = flag
		}
	}
	if n.FloorMiB > 0 {
		f.Journal.FloorMiB = n.FloorMiB
	}
}

func (s *settings) influx() influx.Config {
	return influx.Config{URL: s.Influx.URL, Org: s.Influx.Org, Bucket: s.Influx.Bucket, Token: s.Influx.Token}
}

func (s *settings) server(staticDir string) server.Config {
	return server.Config{
		Listen: s.Listen, Hosts: s.Hosts, Origins: s.Origins, BehindProxy: s.Proxies, MetricsFrom: s.Metrics, Container: s.Container,
		TLSCert: s.TLS.Cert, TLSKey: s.TLS.Key, StaticDir: staticDir,
	}
}

// parseTime reads a moment as people write it for --at: RFC 3339, or a local date
// and time of the city, Gregorian.
func parseTime(s string, zone *city.Zone) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	for _, form := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(form, s, zone.Location()); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%w time %q: want 2027-03-24T18:00 (the city's local time) or RFC 3339", city.ErrInvalid, s)
}
