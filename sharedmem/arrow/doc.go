// Package arrow shares tables of Apache Arrow with Python by way of segments: what Go writes, pyarrow, numpy and pandas
// read where it is, without a copy, and the other way round. It is a module of its own, so that nobody else has to have
// Arrow's.
//
// In Go:
//
//	segment, err := sharedarrow.Create("prices", schema, batches, nil)
//
// and in a stock Python with pyarrow:
//
//	shm = shared_memory.SharedMemory('prices')
//	table = pa.ipc.open_file(pa.py_buffer(shm.buf)).read_all()
//
// The other way round Python makes a segment of at least the size of what it writes,
//
//	with pa.ipc.new_file(pa.FixedSizeBufferWriter(pa.py_buffer(shm.buf)), table.schema) as w:
//	    w.write_table(table)
//
// and Go opens it by its name: Open.
//
// Both use the file form of Arrow's IPC; arrow-go copies what it reads in the stream form. In a segment that others read, nothing
// may be written: make another segment, or have a semaphore say when it is whole. Who attaches in Python has to say
// what package sharedmem says of Python's resource tracker.
package arrow
