//go:build linux

package arrow_test

import (
	"fmt"
	"log"

	sharedarrow "mpbridge/sharedmem/arrow"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

func ExampleCreate() {
	schema := arrow.NewSchema([]arrow.Field{{Name: "n", Type: arrow.PrimitiveTypes.Int64}}, nil)
	builder := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer builder.Release()
	builder.Field(0).(*array.Int64Builder).AppendValues([]int64{1, 2, 3}, nil)
	batch := builder.NewRecordBatch()
	defer batch.Release()

	segment, err := sharedarrow.Create("", schema, []arrow.RecordBatch{batch}, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer segment.Close()
	defer segment.Unlink()

	table, err := sharedarrow.Open(segment.Name(), 0, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer table.Close()
	again, err := table.RecordBatch(0)
	if err != nil {
		log.Fatal(err)
	}
	defer again.Release()
	fmt.Println(again.Column(0))
	// Output: [1 2 3]
}
