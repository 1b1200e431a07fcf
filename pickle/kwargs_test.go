package pickle_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"mpbridge/pickle"
)

func TestALastArgumentOfTypeKwargsIsTheKeywordArguments(t *testing.T) {
	args, kwargs := pickle.SplitKwargs([]any{1, pickle.Kwargs{"a": 2}})
	assert.Equal(t, []any{1}, args)
	assert.Equal(t, pickle.Kwargs{"a": 2}, kwargs)
}

func TestKwargsThatAreNotLastArePositional(t *testing.T) {
	args, kwargs := pickle.SplitKwargs([]any{pickle.Kwargs{"a": 2}, 1})
	assert.Len(t, args, 2)
	assert.Nil(t, kwargs)
}

func TestNoArgumentsHaveNoKeywordArguments(t *testing.T) {
	args, kwargs := pickle.SplitKwargs(nil)
	assert.Empty(t, args)
	assert.Nil(t, kwargs)
}

func TestNamesOfKwargsAreSorted(t *testing.T) {
	assert.Equal(t, []string{"a", "b"}, pickle.Kwargs{"b": 1, "a": 2}.Names())
}
