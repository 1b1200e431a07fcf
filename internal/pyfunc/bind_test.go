package pyfunc_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"mpbridge/internal/pyfunc"
)

func TestArgumentsAreBoundAsPythonBindsThem(t *testing.T) {
	p := pyfunc.Parameters{Function: "f", Names: []string{"a", "b", "c"}, Required: 2}
	type kw = pyfunc.Argument[int]
	for _, c := range []struct {
		args    []int
		kwargs  []kw
		values  []int
		problem string
	}{
		{[]int{1, 2}, nil, []int{1, 2, 0}, ""},
		{[]int{1}, []kw{{"c", 3}, {"b", 2}}, []int{1, 2, 3}, ""},
		{nil, nil, nil, "f() missing 2 required positional arguments: 'a' and 'b'"},
		{[]int{1}, nil, nil, "f() missing 1 required positional argument: 'b'"},
		{[]int{1, 2, 3, 4}, nil, nil, "f() takes from 2 to 3 positional arguments but 4 were given"},
		{[]int{1, 2}, []kw{{"d", 1}}, nil, "f() got an unexpected keyword argument 'd'"},
		{[]int{1, 2}, []kw{{"a", 1}}, nil, "f() got multiple values for argument 'a'"},
	} {
		values, _, _, problem := pyfunc.Bind(p, c.args, c.kwargs)
		assert.Equal(t, c.problem, problem)
		if c.problem == "" {
			assert.Equal(t, c.values, values)
		}
	}
}

func TestWhatStandsBehindTheParametersIsTheRestOfAVariadicFunction(t *testing.T) {
	p := pyfunc.Parameters{Function: "f", Names: []string{"a"}, Required: 1, Variadic: true}
	values, _, rest, problem := pyfunc.Bind(p, []int{1, 2, 3}, nil)
	assert.Empty(t, problem)
	assert.Equal(t, []int{1}, values)
	assert.Equal(t, []int{2, 3}, rest)
}
