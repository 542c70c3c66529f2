load helper

table() { # two sets with an array each
	hmm-phantom -o study --subjects 1 --size 8 --slices 2 --missing 0 -s 1
	hmm-slice --subject 'sub	1' --resize 0 --crop 0 T1w=study/sub-001/anat/sub-001_T1w.nii.gz
}

safetensors() { # a header, then 11 bytes of data: two floats and three bytes
	printf "\\x$(printf %02x $((${#1} & 255)))\\x$(printf %02x $((${#1} >> 8)))\\0\\0\\0\\0\\0\\0%s" "$1"
	printf '\0\0\200\77\0\0\0\100\1\0\1'
}

@test "hmm-show: a line a record, with the history before it" {
	table | hmm-show >shown
	[ "$(grep -c '^# hmm-slice' shown)" = 1 ]
	[ "$(grep -c '^sub\\t1' shown)" = 2 ]
	[ "$(awk -F'\t' '/^sub[\\]t/ { print $3, $7, $8, $9, $10, $11; exit }' shown)" = "T1w n/a 0 2 (1,8,8) U8" ]
}

@test "hmm-show: --json is one object a line" {
	table | hmm-show --json >shown
	[ "$(wc -l <shown)" = 3 ]
	head -n 1 shown | grep -q '"kind":"slices"'
	tail -n 1 shown | grep -q '"subject":"sub\\t1".*"index":1.*"shape":\[1,8,8\]'
}

@test "hmm-show: names that are no UTF-8 are bytes in a stream, and marked in JSON" {
	table | hmm-show >/dev/null
	t1=study/sub-001/anat/sub-001_T1w.nii.gz
	valid=$'\xe2\x82\xac \xf0\x9f\x98\x80 \xef\xbf\xbf \xdf\xbf' # 3, 4, 3 and 2 bytes
	# a byte alone, one too few, an overlong slash, a surrogate, above U+10FFFF
	for bad in $'\xfc' $'\xe2\x82' $'\xc0\xaf' $'\xed\xa0\x80' $'\xf4\x90\x80\x80'; do
		hmm-slice --subject "$valid$bad!" "$t1" >bad.hmm
		[ "$(hmm-show bad.hmm | tail -n 1 | cut -f 1)" = "$valid$bad!" ]
		hmm-show --json bad.hmm | tail -n 1 >json
		grep -qF "\"subject\":\"$valid$(printf '\xef\xbf\xbd%.0s' $(seq ${#bad}))!\"" json
		LC_ALL=C.UTF-8 iconv -f UTF-8 -t UTF-8 json >/dev/null
	done
	hmm-slice --subject "$valid" "$t1" | hmm-show --json | tail -n 1 | grep -qF "\"subject\":\"$valid\""
}

@test "hmm-show: what would control a terminal is escaped, in a stream, a model and weights, and read back" {
	hmm-phantom -o study --subjects 1 --size 8 --slices 1 --missing 0 -s 1
	# ESC, DEL, CSI in UTF-8, and what only looks like an escape
	hostile=$'\x1b]0;x\a\x7f\xc2\x9b31m \\x1b \xc2\xa0\xc3\x9b'
	hmm-slice --subject "$hostile" study/sub-001/anat/sub-001_T1w.nii.gz >a.hmm
	mkdir "$hostile"
	hmm-show --npy "$hostile" a.hmm >table.tsv
	[ "$(LC_ALL=C grep -c "$(printf '[\001-\010\013-\037\177]')" table.tsv)" = 0 ]
	[ "$(LC_ALL=C grep -c $'\xc2[\x80-\x9f]' table.tsv)" = 0 ]
	grep -qF '\x1b]0;x\x07\x7f\xc2\x9b31m \\x1b '$'\xc2\xa0\xc3\x9b' table.tsv
	hmm-show --from-npy slices table.tsv >b.hmm
	diff <(hmm-show --json a.hmm | tail -n 1) <(hmm-show --json b.hmm | tail -n 1)
	safetensors '{"__metadata__":{"\u001b[2J":"\u009b2J"},"t\u001b\n\tx":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}' >m.safetensors
	hmm-show m.safetensors >shown
	hmm-weights m.safetensors >>shown
	[ "$(LC_ALL=C grep -c "$(printf '[\001-\010\013-\037\177]')" shown)" = 0 ]
	[ "$(grep -cF 't\x1b\n\tx	F32' shown)" = 2 ]
	grep -qF '# \x1b[2J	\xc2\x9b2J' shown
}

@test "hmm-show: --npy and --from-npy are inverse" {
	mkdir npy
	table >a.hmm
	hmm-show --npy npy a.hmm >table.tsv
	[ "$(ls npy | wc -l)" = 2 ]
	hmm-show --from-npy slices table.tsv >b.hmm
	mkdir again
	hmm-show --npy again b.hmm >/dev/null
	cmp npy/000000.npy again/000000.npy
	cmp npy/000001.npy again/000001.npy
	diff <(hmm-show a.hmm | grep -v '^#') <(hmm-show b.hmm | grep -v '^#')
}

@test "hmm-show: a model's metadata, the histories in it, and its tensors" {
	history='{\"T1w\":[{\"program\":\"hmm-slice\",\"options\":\"axis=axial\"},{\"program\":\"hmm-vgg\"}],\"PET\":[{\"n\":3}]}'
	safetensors '{"__metadata__":{"program":"hmm-rho","history":"'"$history"'","odd":"[1,2"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"mask":{"dtype":"BOOL","shape":[3],"data_offsets":[8,11]}}' >m.safetensors
	hmm-show m.safetensors >shown
	diff shown - <<-END
		# program	hmm-rho
		# history	T1w	program=hmm-slice	options=axis=axial
		# history	T1w	program=hmm-vgg
		# history	PET	n=3
		# odd	[1,2
		name	dtype	shape	mean	min	max
		a	F32	(2)	1.5	1	2
		mask	BOOL	(3)	n/a	n/a	n/a
	END
	hmm-show --json m.safetensors >shown
	diff shown - <<-END
		{"metadata":{"program":"hmm-rho","history":{"T1w":[{"program":"hmm-slice","options":"axis=axial"},{"program":"hmm-vgg"}],"PET":[{"n":3}]},"odd":"[1,2"}}
		{"name":"a","dtype":"F32","shape":[2],"mean":1.5,"min":1.0,"max":2.0}
		{"name":"mask","dtype":"BOOL","shape":[3]}
	END
	refuse 1 'want a stream for --npy' hmm-show --npy . m.safetensors
	head -c 100 m.safetensors >cut.safetensors
	refuse 1 'truncated' hmm-show cut.safetensors
	refuse 1 'No space left' sh -c 'hmm-show m.safetensors >/dev/full'
}

@test "hmm-show: refuses what is no stream, no array, a terminal's worth of nonsense" {
	refuse 1 'empty' hmm-show /dev/null
	refuse 1 'cannot open' hmm-show absent.hmm
	echo nonsense >text
	refuse 1 'not a stream' hmm-show text
	printf 'subject\tnpy\ns\ttext\n' >table.tsv
	refuse 1 'not a .npy' hmm-show --from-npy sets table.tsv
	printf 'subject\tindex\tnpy\ns\tabc\ttext\n' >index.tsv
	refuse 1 "row 1: index 'abc', want a small number" hmm-show --from-npy sets index.tsv
	refuse 2 'want slices' hmm-show --from-npy nosuch table.tsv
	refuse 2 'at most one' hmm-show a b
}

@test "hmm-show: Python reads a stream with msgpack and msgpack_numpy alone" {
	/usr/bin/python3 -c 'import msgpack, msgpack_numpy' 2>/dev/null || skip "no python3-msgpack-numpy here"
	table >a.hmm
	/usr/bin/python3 - <<-'PYTHON'
		import msgpack, msgpack_numpy
		objects = list(msgpack.Unpacker(open("a.hmm", "rb"), object_hook=msgpack_numpy.decode))
		assert objects[0]["hmm"] == 1 and objects[0]["kind"] == "slices"
		assert objects[0]["history"][0]["program"] == "hmm-slice"
		assert [o["index"] for o in objects[1:-1]] == [0, 1]
		assert all(o["x"].shape == (1, 8, 8) and o["x"].dtype == "u1" for o in objects[1:-1])
		assert objects[-1]["end"] == 2
	PYTHON
}

@test "hmm-show: what Python writes is read" {
	/usr/bin/python3 -c 'import msgpack, msgpack_numpy, xxhash' 2>/dev/null || skip "no python3-msgpack-numpy and python3-xxhash here"
	/usr/bin/python3 - <<-'PYTHON'
		import msgpack, msgpack_numpy, numpy, xxhash
		body = b"".join(msgpack.packb(o, default=msgpack_numpy.encode) for o in (
		    {"hmm": 1, "kind": "sets", "history": []},
		    {"x": numpy.arange(6, dtype="f4").reshape(1, 2, 3), "label": 1, "note": {"any": ["thing"]}, "subject": "s"}))
		end = msgpack.packb({"end": 1, "xxh3": xxhash.xxh3_64_intdigest(body)})
		open("python.hmm", "wb").write(body + end)
	PYTHON
	[ "$(hmm-show python.hmm | awk -F'\t' '/^s\t/ { print $7, $10, $12 }')" = "1 (1,2,3) 2.5" ]
}
