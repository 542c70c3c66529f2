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

array() { # NAME DTYPE SHAPE BYTES...: NAME.npy, and NAME.tsv with it as its second row
	local header="{'descr': '$2', 'fortran_order': ${order:-False}, 'shape': $3, }"$'\n'
	{
		printf "\\x93NUMPY\\x01\\x00\\x$(printf %02x ${#header})\\x00%s" "$header"
		printf "$4"
	} >"$1.npy"
	printf 'subject\tmodality\tnpy\nsub-01\tT1w\tgood.npy\nsub-02\tPET\t%s.npy\n' "$1" >"$1.tsv"
}

@test "hmm-show: --from-npy converts what has one meaning" {
	array good '<f4' '(2,)' '\0\0\x80\x3f\0\0\0\x40' # 1, 2
	array double '<f8' '(3,)' '\0\0\0\0\0\0\xf0\x3f\x9a\x99\x99\x99\x99\x99\xb9\x3f\0\0\0\0\0\0\0\0' # 1, .1, 0
	array half '<f2' '(1, 2, 1)' '\0\x3c\1\0' # 1, 2^-24
	array long '<i8' '(2,)' '\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\x80' # 2^24, -2^63
	array word '<i2' '(1, 1, 2)' '\xff\xff\x39\x30' # -1, 12345
	array bool '|b1' '(2,)' '\1\0'
	read -r -d '' want <<-END || :
		double (3,1,1) 0.366667 0 1
		half (1,2,1) 0.5 5.96046e-08 1
		long (2,1,1) -4.61169e+18 -9.22337e+18 1.67772e+07
		word (1,1,2) 6172 -1 12345
		bool (2,1,1) 0.5 0 1
	END
	for name in double half long word bool; do
		for kind in features latents sets; do
			hmm-show --from-npy $kind $name.tsv >$name.hmm
			hmm-show $name.hmm | awk -F'\t' -v name=$name '/^sub-02/ { print name, $10, $12, $13, $14; print $11 >"type" }' >have
			diff have <(grep "^$name " <<<"$want")
			[ "$(cat type)" = F32 ]
		done
	done
	hmm-show --npy . double.hmm >/dev/null # .1 is the nearest float32
	[ "$(tail -c 8 000001.npy | head -c 4 | od -An -tx1 | tr -d ' ')" = cdcccc3d ]

	array good '|u1' '(1, 1, 2)' '\1\2'
	array grey '<i8' '(1, 2)' '\0\0\0\0\0\0\0\0\xff\0\0\0\0\0\0\0' # 0, 255
	[ "$(hmm-show --from-npy slices grey.tsv | hmm-show | awk -F'\t' '/^sub-02/ { print $10, $11, $13, $14 }')" = '(1,1,2) U8 0 255' ]
}

@test "hmm-show: --from-npy refuses the rest, at the row that has it" {
	at() { # NAME KIND PATTERN
		refuse 1 "^hmm-show: $1.tsv: row 2 \(sub-02 PET\): $3" hmm-show --from-npy "$2" "$1.tsv"
		refuse 1 '' sh -c "hmm-show --from-npy $2 $1.tsv | hmm-show >/dev/null" # nor does anyone read it
	}
	array good '<f4' '(2,)' '\0\0\x80\x3f\0\0\0\x40'
	array scalar '<f4' '()' '\0\0\0\0'
	array plane '<f4' '(1, 1)' '\0\0\0\0'
	array four '<f4' '(1, 1, 1, 1)' '\0\0\0\0'
	array empty '<f4' '(0,)' ''
	array hollow '<f4' '(1, 0, 3)' ''
	array nan '<f4' '(1, 2, 1)' '\0\0\0\0\0\0\xc0\x7f'
	array infinite '<f8' '(1,)' '\0\0\0\0\0\0\xf0\xff'
	array large '<f8' '(1,)' '\x9c\x75\0\x88\x3c\xe4\x37\x7e' # 1e300
	array small '<f8' '(1,)' '\0\0\0\0\0\0\1\0'
	array odd '<i8' '(2,)' '\0\0\0\0\0\0\0\0\1\0\0\1\0\0\0\0' # 2^24 + 1
	array unsigned '<u4' '(1,)' '\0\0\0\0'
	array swapped '>f4' '(1,)' '\0\0\0\0'
	order=True array columns '<f4' '(1, 1)' '\0\0\0\0'
	for kind in features latents sets; do
		at scalar $kind 'shape \(\), want \(channels,height,width\) or a vector'
		at plane $kind 'shape \(1,1\), want'
		at four $kind 'shape \(1,1,1,1\), want'
		at empty $kind 'shape \(0\) has no elements'
		at hollow $kind 'shape \(1,0,3\) has no elements'
		at nan $kind 'x is NaN at \(0,1,0\), not finite'
		at infinite $kind 'x is infinite at \(0,0,0\), not finite'
		at large $kind "x is 1e\+300 at \(0,0,0\), out of float32's range"
		at small $kind 'x is 1.*e-3.. at \(0,0,0\), out of'
		at odd $kind 'x is 16777217 at \(1,0,0\), which no float32 is'
		at unsigned $kind "unsigned.npy: dtype '<u4', want"
		at swapped $kind "swapped.npy: dtype '>f4', want"
		at columns $kind 'columns.npy: Fortran order'
	done
	array good '|u1' '(1, 1)' '\1'
	array floats '<f4' '(1, 1)' '\0\0\0\0'
	array more '<i2' '(1, 2)' '\0\0\0\1'
	array less '|i1' '(1, 2)' '\0\xff'
	array channels '|u1' '(2, 1, 1)' '\0\0'
	array vector '|u1' '(1,)' '\0'
	at floats slices 'numbers of type F32, want whole ones'
	at more slices 'x is 256 at \(0,0,1\), want 0 to 255'
	at less slices 'x is -1 at \(0,0,1\), want 0 to 255'
	at channels slices 'shape \(2,1,1\), want \(1\|3,height,width\)'
	at vector slices 'shape \(1\), want'
}

@test "hmm-show: an import says what it is, or has a digest of its arrays" {
	array good '<f4' '(2,)' '\0\0\x80\x3f\0\0\0\x40'
	array other '<f4' '(2,)' '\0\0\x80\x3f\0\0\0\0'
	sum() { sha256sum | cut -c 1-64; }
	entry() { hmm-show --from-npy features --show-history "$@"; }
	entry --name 'radiomics 2' good.tsv | grep -q '"options":"name=radiomics 2","weights":"'"$(printf 'radiomics 2' | sum)"
	entry -w good.npy other.tsv | grep -q '"weights":"'"$(sum <good.npy)"
	[ "$(entry good.tsv)" != "$(entry other.tsv)" ]
	[ "$(entry --name a good.tsv)" = "$(entry --name a other.tsv)" ]
	[ "$(entry --name a good.tsv)" != "$(entry --name b good.tsv)" ]
	sed 's/sub-01/sub-09/' good.tsv >renamed.tsv
	[ "$(entry good.tsv)" = "$(entry renamed.tsv)" ]
	hmm-show --from-npy features --name a good.tsv | hmm-show --json | head -n 1 | grep -qF "$(entry --name a good.tsv)"
	refuse 1 'absent: cannot open' hmm-show --from-npy features -w absent good.tsv
	for option in '--name a' '-w good.npy' --show-history; do
		refuse 2 'go with --from-npy' hmm-show $option good.tsv
	done
	refuse 2 'go with --from-npy, --json and --npy do not' hmm-show --json --from-npy features good.tsv
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
