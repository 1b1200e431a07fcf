package pickle_test

import (
	"encoding/base64"
	"math"
	"math/big"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/pickle"
)

// typedPickle is a line of testdata/typed.txt, as interop/testdata/make_typed.py writes them.
type typedPickle struct {
	from, protocol, expression string
	data                       []byte
}

func readTyped(t testing.TB) []typedPickle {
	t.Helper()
	text, err := os.ReadFile("testdata/typed.txt")
	require.NoError(t, err)
	var out []typedPickle
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		require.Len(t, fields, 4)
		data, err := base64.StdEncoding.DecodeString(fields[3])
		require.NoError(t, err)
		out = append(out, typedPickle{fields[0], fields[1], fields[2], data})
	}
	return out
}

var berlin = func() *time.Location {
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return loc
}()

// summer is the wall time that most lines show.
func summer(loc *time.Location) time.Time { return time.Date(2020, 7, 2, 3, 4, 5, 0, loc) }

type parts struct {
	Scheme, Netloc string
	Path           string `pickle:"p"`
	Query          string
	Skipped        int `pickle:"-"`
	Fragment       string
}

type wanted struct {
	expression string
	want       []any // each is a value of a Go type that the line is put into
}

func all(expression string, want ...any) wanted { return wanted{expression, want} }

// instant is a time.Time of which the moment alone counts.
type instant struct{ time.Time }

func (i *instant) UnmarshalPickle(v any) error {
	var t time.Time
	err := pickle.Assign(&t, v)
	i.Time = t.UTC()
	return err
}

var typedWants = []wanted{
	all("np.float64(1.5)", 1.5, float32(1.5), complex(1.5, 0), *big.NewRat(3, 2), at(1.5)),
	all("np.float32(1.5)", 1.5, float32(1.5)),
	all("np.float16(1.5)", 1.5, float32(1.5)),
	all("np.float16(6e-8)", math.Ldexp(1, -24)),
	all("np.int64(-3)", -3, int8(-3), int64(-3), -3.0, *big.NewInt(-3)),
	all("np.int8(-3)", -3, int8(-3)),
	all("np.uint64(2**64-1)", uint64(math.MaxUint64), *new(big.Int).SetUint64(math.MaxUint64)),
	all("np.bool_(True)", true, 1),
	all(`np.str_(u'a\xe9\u20ac')`, "aé€"),
	all("np.bytes_(b'ab')", []byte("ab"), [2]byte{'a', 'b'}),
	all("np.complex64(1+2j)", complex64(1+2i), 1+2i),
	all("np.int64(300)", 300, uint16(300)),
	all("np.int64(2**53+1)", int64(1<<53+1)),
	all("np.array(5)", 5, 5.0),
	all("np.timedelta64(5, 's')", 5*time.Second),
	all("np.timedelta64(5, '25s')", 125*time.Second),
	all("np.timedelta64(2000, 'ps')", 2*time.Nanosecond),

	all("np.arange(3.0)", []float64{0, 1, 2}, []float32{0, 1, 2}, [3]float64{0, 1, 2}, []any{0.0, 1.0, 2.0},
		[]complex128{0, 1, 2}, []*float64{at(0.0), at(1.0), at(2.0)}),
	all("np.arange(3, dtype='f4')", []float64{0, 1, 2}, []float32{0, 1, 2}),
	all("np.arange(3, dtype='>f8')", []float64{0, 1, 2}),
	all("np.arange(3, dtype='>c8')", []complex64{0, 1, 2}, []complex128{0, 1, 2}),
	all("np.arange(3, dtype='f2')", []float64{0, 1, 2}, []float32{0, 1, 2}),
	all("np.arange(3, dtype='i2')", []int16{0, 1, 2}, []int{0, 1, 2}, []uint8{0, 1, 2}, []float64{0, 1, 2}),
	all("np.arange(3, dtype='>i4')", []int32{0, 1, 2}, []int{0, 1, 2}),
	all("np.arange(3, dtype='u1')", []byte{0, 1, 2}, []int{0, 1, 2}),
	all("np.ones((1, 2))", [][]float64{{1, 1}}, [1][2]float64{{1, 1}}, []any{list(1.0, 1.0)}),
	all("np.arange(6).reshape(2, 3)", [][]int{{0, 1, 2}, {3, 4, 5}}),
	all("np.asfortranarray(np.arange(6).reshape(2, 3))", [][]int{{0, 1, 2}, {3, 4, 5}}, [][3]int{{0, 1, 2}, {3, 4, 5}}),
	all("np.arange(6).reshape(2, 3).T", [][]int{{0, 3}, {1, 4}, {2, 5}}),
	all("np.arange(24).reshape(2, 3, 4).transpose(2, 0, 1)", [][][]int{
		{{0, 4, 8}, {12, 16, 20}}, {{1, 5, 9}, {13, 17, 21}}, {{2, 6, 10}, {14, 18, 22}}, {{3, 7, 11}, {15, 19, 23}}}),
	all("np.arange(6)[::2]", []int{0, 2, 4}),
	all("np.array([True, False])", []bool{true, false}, []int{1, 0}),
	all(`np.array([u'a', u'b\xe9'])`, []string{"a", "bé"}),
	all("np.array(['a'], dtype='>U1')", []string{"a"}),
	all("np.array([b'a', b'bc'])", [][]byte{[]byte("a"), []byte("bc")}),
	all("np.zeros((0, 3))", [][]float64{}),
	all("np.zeros((2, 0))", [][]float64{{}, {}}),
	all("np.array([1, 2], dtype='m8[s]')", []time.Duration{time.Second, 2 * time.Second}),
	all("np.array([1, u'a', None], dtype=object)", []any{int64(1), "a", nil}),
	all("np.matrix([[1, 2]])", [][]int{{1, 2}}),

	all("D(2020, 7, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)", summer(time.UTC)),
	all(`W.replace(tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))`, summer(berlin)),
	all(`W.replace(tzinfo=zoneinfo.ZoneInfo("UTC"))`, summer(time.UTC)),
	all(`D(2020, 10, 25, 2, 30, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))`,
		instant{time.Date(2020, 10, 25, 0, 30, 0, 0, time.UTC)}),
	all(`D(2020, 3, 29, 2, 30, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))`,
		instant{time.Date(2020, 3, 29, 1, 30, 0, 0, time.UTC)}),
	all("W.replace(tzinfo=pytz.utc)", summer(time.UTC)),
	all("pytz.timezone('Europe/Amsterdam').localize(W)", instant{summer(time.UTC).Add(-2 * time.Hour)}),
	all("W.replace(tzinfo=pytz.FixedOffset(-90))", summer(time.FixedZone("", -5400))),
	all("pytz.timezone('Etc/GMT+5').localize(W)", instant{summer(time.UTC).Add(5 * time.Hour)}),
	all("W.replace(tzinfo=dateutil.tz.tzutc())", summer(time.UTC)),
	all("W.replace(tzinfo=dateutil.tz.tzoffset(None, 3600))", summer(time.FixedZone("", 3600))),
	all("W.replace(tzinfo=dateutil.tz.tzoffset('X', -3600))", summer(time.FixedZone("X", -3600))),
	all("W.replace(tzinfo=dateutil.tz.gettz('Europe/Berlin'))", summer(berlin)),
	all("pandas.Timestamp('2020-07-02T03:04:05.000000006Z')", summer(time.UTC).Add(6)),
	all("pandas.Timestamp('2020-07-02T03:04:05', tz='Europe/Berlin')", summer(berlin)),
	all("pandas.Timedelta('1.5s')", 1500*time.Millisecond),

	all("signal.SIGINT", 2, uint8(2)),
	all("http.HTTPStatus.OK", 200, 200.0, *big.NewInt(200)),
	all("socket.AF_INET", 2),
	all("http.HTTPMethod.GET", "GET"),
	all("pathlib.PurePosixPath('/a/b')", "/a/b"),
	all("pathlib.PurePosixPath('a/b')", "a/b"),
	all("pathlib.PurePosixPath()", "."),
	all("pathlib.PureWindowsPath('c:/a/b')", `c:\a\b`),
	all("uuid.UUID(int=5)", "00000000-0000-0000-0000-000000000005", [16]byte{15: 5}),
	all("decimal.Decimal('0.1')", 0.1, "0.1", *big.NewRat(1, 10)),
	all("fractions.Fraction(1, 3)", 1.0/3, "1/3", *big.NewRat(1, 3)),
	all("urlparse.urlsplit('http://a/b')", parts{Scheme: "http", Netloc: "a", Path: "/b"},
		[]string{"http", "a", "/b", "", ""}),
	all("time.gmtime(0)", []int{1970, 1, 1, 0, 0, 0, 3, 1, 0}),
	all("os.terminal_size((80, 24))", struct{ Columns, Lines int }{80, 24}),
	all("datetime.time(1, 2, 3, 4)", time.Hour+2*time.Minute+3*time.Second+4*time.Microsecond),
	all("datetime.timedelta(-1)", -24*time.Hour),
	all("ipaddress.ip_address('1.2.3.4')", 0x01020304),
}

// into puts a pickle into a new value of a type.
func into(o *pickle.DecodeOptions, data []byte, t reflect.Type) (any, error) {
	dst := reflect.New(t)
	err := o.Unmarshal(data, dst.Interface())
	return dst.Elem().Interface(), err
}

func TestWhatPythonAndItsPackagesMakeFitsGoTypes(t *testing.T) {
	lines := readTyped(t)
	for _, w := range typedWants {
		t.Run(w.expression, func(t *testing.T) {
			n := 0
			for _, line := range lines {
				if line.expression != w.expression {
					continue
				}
				n++
				for _, want := range w.want {
					got, err := into(nil, line.data, reflect.TypeOf(want))
					if !assert.NoError(t, err, "%T from %s, protocol %s", want, line.from, line.protocol) {
						continue
					}
					if at, ok := want.(time.Time); ok {
						assert.Equal(t, at.Format(time.RFC3339Nano), got.(time.Time).Format(time.RFC3339Nano), line.from)
						continue
					}
					if f, ok := want.(big.Rat); ok {
						g := got.(big.Rat)
						assert.Equal(t, f.String(), g.String(), line.from)
						continue
					}
					assert.Equal(t, want, got, "from %s, protocol %s", line.from, line.protocol)
				}
			}
			assert.Positive(t, n, "no line has this expression")
		})
	}
}

// fold is pickled by protocol 4 and above.
func TestAWallTimeThatComesTwiceIsTheOneThatFoldSays(t *testing.T) {
	wants := map[string]time.Time{
		`D(2020, 10, 25, 2, 30, fold=1, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))`: time.Date(2020, 10, 25, 1, 30, 0, 0, time.UTC),
		`D(2020, 3, 29, 2, 30, fold=1, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))`:  time.Date(2020, 3, 29, 0, 30, 0, 0, time.UTC),
	}
	n := 0
	for _, line := range readTyped(t) {
		want, ok := wants[line.expression]
		if !ok || line.protocol < "4" {
			continue
		}
		n++
		var got time.Time
		require.NoError(t, pickle.Unmarshal(line.data, &got))
		assert.True(t, want.Equal(got), "%s: %v", line.expression, got)
	}
	assert.Positive(t, n)
}

func TestWhatHasNoTimeZoneNeedsTheOptionToBeATime(t *testing.T) {
	wants := map[string]string{
		"W": "2020-07-02T03:04:05+02:00", "datetime.date(2020, 1, 2)": "2020-01-02T00:00:00+01:00",
		"np.datetime64('2020-01-02')":                    "2020-01-02T00:00:00+01:00",
		"np.datetime64('2020-01-02T03:04:05.000000006')": "2020-01-02T03:04:05.000000006+01:00",
		"np.datetime64('2020-03')":                       "2020-03-01T00:00:00+01:00",
		"pandas.Timestamp('2020-07-02T03:04:05')":        "2020-07-02T03:04:05+02:00",
	}
	n := 0
	for _, line := range readTyped(t) {
		want, ok := wants[line.expression]
		if !ok {
			continue
		}
		n++
		_, err := into(nil, line.data, reflect.TypeFor[time.Time]())
		require.ErrorIs(t, err, pickle.ErrNaive, line.expression)
		var wrong *pickle.TypeError
		require.ErrorAs(t, err, &wrong)
		assert.Contains(t, err.Error(), "DecodeOptions.Naive")
		got, err := into(&pickle.DecodeOptions{Naive: berlin}, line.data, reflect.TypeFor[time.Time]())
		require.NoError(t, err, "%s of %s", line.expression, line.from)
		assert.Equal(t, want, got.(time.Time).Format(time.RFC3339Nano), line.expression)
	}
	assert.Greater(t, n, len(wants))
}

func TestDatesOfAnArrayAreTimesInTheZoneOfTheOptions(t *testing.T) {
	for _, line := range readTyped(t) {
		if line.expression != "np.array(['2020-01-02', '2021-01-01'], dtype='M8[D]')" {
			continue
		}
		var got []time.Time
		require.ErrorIs(t, pickle.Unmarshal(line.data, &got), pickle.ErrNaive)
		require.NoError(t, (&pickle.DecodeOptions{Naive: time.UTC}).Unmarshal(line.data, &got))
		assert.Equal(t, []time.Time{time.Date(2020, 1, 2, 0, 0, 0, 0, time.UTC), time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC)}, got)
	}
}

func TestWhatDoesNotFitIsRefusedWithTheReason(t *testing.T) {
	lines := readTyped(t)
	for _, w := range []struct {
		expression string
		dst        any
		is         error
		text       string
	}{
		{"np.int64(300)", int8(0), pickle.ErrRange, "int8"},
		{"np.int64(-3)", uint(0), pickle.ErrRange, "uint"},
		{"np.uint64(2**64-1)", int64(0), pickle.ErrRange, "int64"},
		{"np.int64(2**53+1)", 0.0, pickle.ErrInexact, "would lose precision"},
		{"np.timedelta64(1500, 'ps')", time.Duration(0), pickle.ErrInexact, "would lose precision"},
		{"np.timedelta64(5, 'M')", time.Duration(0), nil, "no fixed length"},
		{"np.datetime64('NaT')", time.Time{}, nil, "not a time"},
		{"pandas.NaT", time.Time{}, nil, "not a time"},
		{"np.float64(1.5)", 0, nil, "float"},
		{"np.float64('nan')", 0, nil, "float"},
		{"np.bytes_(b'ab')", "", nil, "bytes"},
		{"np.longdouble(1.5)", 0.0, nil, `"f16"`},
		{"np.array([(1, 2.0)], dtype=[('a', 'i4'), ('b', 'f8')])", []struct{ A, B float64 }{}, nil, "structured dtype"},
		{"np.arange(3.0)", 0.0, nil, "shape [3]"},
		{"np.arange(3.0)", [2]float64{}, pickle.ErrRange, "3 elements"},
		{"np.arange(3.0)", []int{}, nil, "[0]"},
		{"np.ones((1, 2))", []float64{}, nil, "shape [1 2]"},
		{"np.arange(3.0)", map[string]int{}, nil, "array"},
		{"decimal.Decimal('0.1')", 0, nil, "Decimal"},
		{"urlparse.urlsplit('http://a/b')", struct{ Scheme, Netloc string }{}, pickle.ErrRange, "5 elements for 2 fields"},
	} {
		n := 0
		for _, line := range lines {
			if line.expression != w.expression {
				continue
			}
			n++
			_, err := into(nil, line.data, reflect.TypeOf(w.dst))
			var wrong *pickle.TypeError
			if !assert.ErrorAs(t, err, &wrong, "%s into %T", w.expression, w.dst) {
				continue
			}
			assert.Contains(t, err.Error(), w.text, "%s into %T", w.expression, w.dst)
			if w.is != nil {
				assert.ErrorIs(t, err, w.is, "%s into %T", w.expression, w.dst)
			}
		}
		assert.Positive(t, n, w.expression)
	}
}

func TestTheLosslessGraphKeepsWhatGoTypesWouldReplace(t *testing.T) {
	for _, line := range readTyped(t) {
		var v any
		require.NoError(t, pickle.Unmarshal(line.data, &v), line.expression)
		var raw pickle.Raw
		require.NoError(t, pickle.Assign(&raw, v), line.expression)
		var w any
		require.NoError(t, raw.Unmarshal(&w))
		first, err := pickle.Marshal(v)
		require.NoError(t, err)
		second, err := pickle.Marshal(w)
		require.NoError(t, err)
		assert.Equal(t, first, second, line.expression)
	}
}

func at[T any](v T) *T { return &v }
