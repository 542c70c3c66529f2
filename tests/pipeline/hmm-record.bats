load helper

# The golden vectors, in the folder of the test.
vectors() {
	cp "$root"/tests/golden/record.{blood.csv,clinic.tsv,tiles.npz,manifest.tsv} .
}
# numbers STREAM: a line a record: subject, modality, its numbers
numbers() {
	mkdir -p npy
	rm -f npy/*
	hmm-show --npy npy <"$1" | awk -F'\t' '/^#/ { next } !at { for (i = 1; i <= NF; i++) is[$i] = i; at = 1; next }
		{ print $is["subject"] "\t" $is["modality"] "\t" $is["npy"] }' >list
	while IFS=$'\t' read -r subject modality file; do
		printf '%s\t%s\t%s\n' "$subject" "$modality" \
			"$(tail -c "+$((11 + $(od -An -tu2 -j8 -N2 "$file")))" "$file" | od -An -v -tf4 -w4 | tr -d ' ' | paste -sd' ')"
	done <list
}

@test "hmm-record: numbers, categories, what is missing and arrays are scikit-learn's" {
	vectors
	hmm-record --train -o encoder.safetensors record.manifest.tsv 2>said
	grep -qx 'hmm-record: clinic: 3 columns in, 7 numbers out' said
	hmm-record -w encoder.safetensors record.manifest.tsv >features.hmm 2>said
	grep -q "warning: record.blood.csv: p25: crp missing was not learned, and counts as the mean (and 1 more" said
	numbers features.hmm >have
	awk -F'\t' 'NR == FNR { want[$1 "\t" $2] = $3; n++; next }
		{ k = split($3, x, " "); m = split(want[$1 "\t" $2], y, " "); if (k != m || !k) { print; exit 1 }
			for (i = 1; i <= k; i++) if ((x[i] - y[i]) ^ 2 > 1e-12 * (1 + y[i] ^ 2)) { print; exit 1 }; n-- }
		END { exit n != 0 }' "$root/tests/golden/record.expected.tsv" have
	# what its rows say stands on the records
	hmm-show features.hmm | awk -F'\t' '$1 == "p20" && $3 == "blood" { print $2, $5, $6 }' | grep -qx 'p20 test record.blood.csv#p20'
}

@test "hmm-record: an .npz of each patient, more than can be open" {
	vectors
	hmm-record -q --train -o encoder record.manifest.tsv
	hmm-record -q -w encoder record.manifest.tsv 2>/dev/null | hmm-show - | grep -v '^#' | grep -w tiles >want
	mkdir own
	awk -F'\t' -v OFS='\t' '$2 == "tiles" { system("cp record.tiles.npz own/" $1 ".npz"); sub(/record.tiles/, "own/" $1, $6) } 1' record.manifest.tsv >own.tsv
	[ "$(ls own | wc -l)" -gt 15 ]
	(ulimit -n 15 && hmm-record -q -w encoder own.tsv 2>said >own.hmm) || { cat said; return 1; }
	hmm-show own.hmm | grep -v '^#' | grep -w tiles | sed 's|own/p[0-9]*.npz|record.tiles.npz|' | diff want -
}

@test "hmm-record: neither the order of rows nor a name of a file changes an encoder; test rows teach nothing" {
	vectors
	hmm-record -q --train -o want record.manifest.tsv
	{ head -n 1 record.manifest.tsv; tail -n +2 record.manifest.tsv | shuf --random-source=record.manifest.tsv; } >shuffled.tsv
	hmm-record -q --train -o have shuffled.tsv
	cmp want have
	hmm-record -q -w want record.manifest.tsv 2>/dev/null >one.hmm
	hmm-record -q -w want <shuffled.tsv 2>/dev/null | cmp - one.hmm
	grep -v $'\ttest\t' record.manifest.tsv >train.tsv
	hmm-record -q --train -o have train.tsv
	cmp want have
	# a table in two parts
	head -n 12 record.blood.csv >a.csv
	{ head -n 1 record.blood.csv; tail -n +13 record.blood.csv; } >b.csv
	awk -F'\t' -v OFS='\t' 'NR == FNR { a[$1]; next } { sub(/,.*/, "", $1) } 1' FS=, a.csv FS='\t' record.manifest.tsv |
		awk -F'\t' -v OFS='\t' 'NR == FNR { split($0, c, ","); a[c[1]]; next } $2 == "blood" { sub(/record.blood/, ($1 in a) ? "a" : "b", $6) } 1' a.csv - >parts.tsv
	hmm-record -q --train -o have parts.tsv
	cmp want have
}

@test "hmm-manifest --vectors: who stands in which file, columns by pattern, labels" {
	vectors
	hmm-manifest --vectors blood=record.blood.csv --vectors clinic=record.clinic.tsv --vectors tiles=record.tiles.npz >have 2>said
	diff <(cut -f 1,2,6 record.manifest.tsv) <(cut -f 1,2,6 have)
	grep -q 'record.clinic.tsv: 1 row has nothing but missing cells; left out' said
	hmm-manifest --vectors 'cells=record.blood.csv[leuko*]' --vectors 'rest=record.blood.csv[crp,unit]' >two.tsv
	[ "$(sed -n 2p two.tsv | cut -f 2,6)" = $'cells\trecord.blood.csv[leuko*]#p00' ]
	awk -F'\t' -v OFS='\t' 'NR > 1 { $5 = "train" } 1' two.tsv >all.tsv
	hmm-record --train -o encoder all.tsv 2>said
	grep -qx 'hmm-record: cells: 1 column in, 1 number out' said
	printf 'patient_id\tdied\np00\tyes\np01\tno\n' >labels.tsv
	hmm-manifest --vectors blood=record.blood.csv --labels labels.tsv --label died --positive yes 2>said | cut -f 1,3 | sed -n 2,4p | paste -sd' ' | grep -qx $'p00\t1 p01\t0 p02\tn/a'
	grep -q 'labels.tsv: 26 vectors have no row in it' said
	refuse 1 "no column 'x\*'" hmm-manifest --vectors 'a=record.blood.csv[x*]'
	refuse 1 "want MODALITY=FILE" hmm-manifest --vectors record.blood.csv
	refuse 1 "arrays have no columns" hmm-manifest --vectors 'a=record.tiles.npz[a]'
	refuse 1 "modality 'a.b': want a name without" hmm-manifest --vectors 'a+b=record.blood.csv'
	refuse 2 'want one of --bids' hmm-manifest --vectors a=record.blood.csv --bids .
}

@test "hmm-record: a new patient's word, unit, and emptiness are not what training had" {
	vectors
	hmm-record -q --train -o encoder record.manifest.tsv
	edit() { # SED: of the row of p03 as it is coded then
		sed "/^p03,/{$1}" record.blood.csv >edited.csv
		{ head -n 1 record.manifest.tsv; printf 'p03\tblood\tn/a\tp03\tn/a\tedited.csv#p03\n'; } >manifest
		hmm-record -q -w encoder manifest
	}
	for word in '5;5' '<5' unknown inf 1e300; do
		refuse 1 "edited.csv: p03: leukocytes '$word', want a number as in training, or n/a" edit "s/^p03,[^,]*,/p03,$word,/"
	done
	refuse 1 'edited.csv: p03: no value in any column, want it left out of the manifest' edit 's/,.*/,,,/'
	edit 's/^p03,[^,]*,/p03,5500,/' >x.hmm 2>said
	grep -qE 'warning: edited.csv: p03: leukocytes is [0-9.e+]+ standard deviations from the mean of training: in the same unit' said
	sed '2,9s/^\([^,]*\),[^,]*,/\1,1e400,/' record.blood.csv >edited.csv
	sed 's/record.blood/edited/' record.manifest.tsv >manifest
	refuse 1 "edited.csv: row [0-9]*: leukocytes '1e400', want a number of at most 1e100, or n/a" hmm-record -q --train -o x manifest
	printf '{"id":"a","v":[1,2,3]}\n{"id":"b","v":[1,2]}\n' >ragged.jsonl
	refuse 1 "ragged.jsonl: line 2: 'v': an array of 2, want 3 as before" hmm-manifest --vectors v=ragged.jsonl
	printf '{"id":"a","v":[1,2,3],"v.1":7}\n' >twice.jsonl
	refuse 1 "twice.jsonl: line 1: 'v.1' stands there twice, as a member and of an array" hmm-manifest --vectors v=twice.jsonl
	mkfifo pipe.csv
	refuse 1 'pipe.csv: ' timeout 5 hmm-manifest --vectors v=pipe.csv
	# words and numbers are told
	awk -F, -v OFS=, '{ if (NR > 1) $4 = NR % 2 ? 3 : "three"; print }' record.blood.csv >edited.csv
	sed 's/record.blood/edited/' record.manifest.tsv >manifest
	hmm-record -q --train -o mixed manifest 2>said
	grep -qE "warning: edited.csv: unit has [0-9]+ numbers and [0-9]+ words such as 'three': all are taken for categories" said
	head -n 1 record.blood.csv >header.csv
	refuse 1 'header.csv: no row' hmm-manifest --vectors blood=record.blood.csv --vectors x=header.csv
}

@test "hmm-record: what cannot be is one line" {
	vectors
	hmm-record -q --train -o encoder record.manifest.tsv
	row() { # ROW: a manifest of it
		printf 'subject\tmodality\tlabel\tgroup\tsplit\tpath\n%s\n' "$1"
	}
	apply() { hmm-record -q -w encoder manifest; }
	row $'p00\tblood\tn/a\tp00\ttrain\trecord.blood.csv#nobody' >manifest
	refuse 1 "manifest: row 1: no 'nobody' in record.blood.csv" apply
	row $'p00\tblood\tn/a\tp00\ttrain\trecord.blood.csv' >manifest
	refuse 1 "'record.blood.csv': want FILE#KEY" apply
	row $'p00\tblood\tn/a\tp00\ttrain\trecord.clinic.tsv#p00' >manifest
	refuse 1 "record.clinic.tsv: column 'age', want 'leukocytes' of modality blood" apply
	row $'p00\tother\tn/a\tp00\ttrain\trecord.clinic.tsv#p00' >manifest
	refuse 1 "modality 'other' was not learned, want blood, clinic, tiles" apply
	row $'p00\ttiles\tn/a\tp00\ttrain\trecord.blood.csv#p00' >manifest
	refuse 1 'record.blood.csv: 3 columns, want 4 numbers an array of modality tiles' apply
	row $'p03\tblood\tn/a\tp03\ttrain\trecord.blood.csv#p03' >manifest
	refuse 1 'row 4: no leukocytes, want a value with --complete' hmm-record -q --complete -w encoder manifest
	refuse 1 'row 4: no leukocytes, want a value with --complete' hmm-record -q --train --complete -o x record.manifest.tsv
	# a slip of the pen, names for values, a key twice or none, a file that is none
	one() { # EDIT PATTERN
		sed "$1" record.blood.csv >edited.csv
		sed 's/record.blood/edited/' record.manifest.tsv >manifest
		refuse 1 "$2" hmm-record -q --train -o x manifest
		[ ! -e x ]
	}
	one 's/^p02,[^,]*,/p02,7;3,/' "edited.csv: row 3: leukocytes '7;3', want a number as in 2[0-9] of"
	one 's/^p02,/p01,/' "edited.csv: row 3: patient_id 'p01' stands there twice"
	one 's/^p02,/,/' "edited.csv: row 3: patient_id '', want a name without '#'"
	awk -F, -v OFS=, '{ if (NR > 1) $4 = "x" NR; print }' record.blood.csv >edited.csv
	refuse 1 'unit has 1[0-9] values in 1[0-9] subjects, want numbers or categories that many share' hmm-record -q --train -o x manifest
	# words and hexadecimal numbers are categories
	awk -F, -v OFS=, '{ if (NR > 1) $4 = NR % 2 ? "inf" : "0x1A"; print }' record.blood.csv >edited.csv
	hmm-record -q --train -o words manifest
	[ "$(hmm-show --json words | sed -n 1p | jq -c '.metadata.columns[0].columns[2].values')" = '["0x1A","inf"]' ]
	head -c 3000 record.tiles.npz >edited.npz
	sed 's/record.tiles/edited/' record.manifest.tsv >manifest
	refuse 1 'edited.npz: a broken ZIP archive' hmm-record -q --train -o x manifest
	printf 'subject\tmodality\tlabel\tgroup\tsplit\tpath\n' >manifest
	refuse 1 "no row of split 'train'" hmm-record -q --train -o x manifest
	# no encoder
	hmm-weights -q --random vgg11 --width 0.02 -s 1 -o vgg.safetensors
	refuse 1 'vgg.safetensors: not what hmm-record --train leaves' hmm-record -w vgg.safetensors record.manifest.tsv
	sed 's/\\"missing\\":true/\\"missing\\":1234/' encoder >damaged
	differ encoder damaged
	refuse 1 'damaged: not what hmm-record --train leaves' hmm-record -w damaged record.manifest.tsv
	refuse 2 'want either -w FILE or --train -o FILE' hmm-record record.manifest.tsv
	refuse 2 'want either -w FILE or --train -o FILE' hmm-record --train -w encoder -o x
}

@test "hmm-record: an encoder says whom it has seen, and features of another one are refused" {
	vectors
	hmm-record -q --train -o encoder record.manifest.tsv
	hmm-check -q --no-images --trained-on encoder record.manifest.tsv >found || true
	[ "$(awk -F'\t' '$1 == "trained-on" && $2 == "error"' found | wc -l)" = 0 ]
	sed 's/\ttrain\t/\ttest\t/' record.manifest.tsv >tested.tsv
	hmm-check -q --no-images --trained-on encoder tested.tsv >found || true
	grep -q '^trained-on	error' found
	awk -F'\t' -v OFS='\t' 'NR == 1 { print; next } $2 == "blood" { $3 = substr($1, 2) % 2; print }' record.manifest.tsv |
		awk -F'\t' -v OFS='\t' '$1 > "p12" && $5 == "train" { $5 = "val" } 1' >blood.tsv
	hmm-record -q -w encoder blood.tsv 2>/dev/null >blood.hmm
	hmm-condition -q --train --epochs 1 -o phi <blood.hmm
	hmm-condition -q -w phi <blood.hmm >latents.hmm
	hmm-record -q --train -o other blood.tsv
	refuse 1 'was made by hmm-record with weights=' sh -c 'hmm-record -q -w other blood.tsv 2>/dev/null | hmm-condition -q -w phi'
}

@test "hmm-record: JSON lines are a table: texts, numbers, null, and arrays as columns" {
	vectors
	grep -v tiles record.manifest.tsv | grep -v clinic >manifest
	# the same cells as the CSV, in another order of members after the first
	awk -F, 'NR == 1 { n = split($0, name, ","); next }
		{ line = "{\"patient_id\": \"" $1 "\""
			for (i = n; i > 1; i--) line = line ", \"" name[i] "\": " ($i == "" ? "null" : $i ~ /^-?[0-9.]+$/ ? $i + 0 : "\"" $i "\"")
			print line "}" }' record.blood.csv >record.blood.jsonl
	hmm-record -q --train -o csv manifest
	hmm-record -q -w csv manifest 2>/dev/null | hmm-show | awk -F'\t' '/^p/ { print $1, $10, $12 }' >want
	hmm-manifest -q --vectors blood=record.blood.jsonl >listed
	[ "$(wc -l <listed)" = "$(wc -l <manifest)" ]
	sed 's/blood.csv/blood.jsonl/' manifest >json.manifest
	hmm-record -q --train -o json json.manifest
	hmm-record -q -w json json.manifest 2>/dev/null | hmm-show | awk -F'\t' '/^p/ { print $1, $10, $12 }' | diff want -
	# an embedding
	printf '{"id": "a", "vector": [1, 2.5, -3e1], "of": true}\n\n{"id": "b", "of": false, "vector": [4, 5, 6], "more": null}\n' >e.jsonl
	hmm-manifest -q --vectors "E=e.jsonl[vector.*]" | awk -F'\t' -v OFS='\t' 'NR > 1 { $5 = "train" } 1' >manifest
	[ "$(tail -n 1 manifest | cut -f 6)" = 'e.jsonl[vector.*]#b' ]
	hmm-record --train -o encoder manifest 2>said
	grep -q 'E: 3 columns in, 3 numbers out' said
	broken() { # LINE MESSAGE
		printf '%s\n' "$1" >broken.jsonl
		refuse 1 "$2" hmm-manifest --vectors E=broken.jsonl
	}
	broken '[1, 2]' 'line 1: want a JSON object'
	broken '{"id": "a", "x": {"y": 1}}' "line 1: 'x': want a text, a number"
	broken '{"id": "a", "x": [[1]]}' "line 1: 'x.0': want a text, a number"
	broken '{"id": "a", "id": 1}' 'line 1: want a JSON object'
	broken '{"id": "a", "x": 1' 'line 1: want a JSON object'
	broken '' 'no line with a JSON object'
	broken '{"id": null, "x": 1}' "row 1: id '', want a name without '#'"
	printf '{"id": "a", "x": 1}\n{"id": "a", "x": 1}\n' >twice.jsonl
	refuse 1 "row 2: id 'a' stands there twice" hmm-manifest --vectors E=twice.jsonl
}

@test "hmm-record: a matrix in an .npy, whose rows a table beside it names" {
	# the float32 of 0, 1, 2 and 4, little-endian
	declare -A bytes=([0]='\x00\x00\x00\x00' [1]='\x00\x00\x80\x3f' [2]='\x00\x00\x00\x40' [4]='\x00\x00\x80\x40')
	printf 'id,a,b,c\nx,1,2,0\ny,4,0,1\nz,2,2,4\n' >table.csv
	{
		printf '\x93NUMPY\x01\x00\x76\x00%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 3), }"
		for number in 1 2 0 4 0 1 2 2 4; do printf "${bytes[$number]}"; done
	} >tiles.npy
	printf 'id,note\nx,first\ny,\nz,last\n' >tiles.csv
	for file in table.csv tiles.npy; do
		hmm-manifest -q --vectors "tiles=$file" | awk -F'\t' -v OFS='\t' 'NR > 1 { $5 = "train" } 1' >manifest
		[ "$(cut -f 6 manifest | tail -n 1)" = "$file#z" ]
		hmm-record -q --train -o encoder manifest
		hmm-record -q -w encoder manifest >one.hmm
		numbers one.hmm >"$file.numbers"
	done
	[ "$(wc -l <table.csv.numbers)" = 3 ]
	diff table.csv.numbers tiles.npy.numbers
	sed -i '$d' tiles.csv
	refuse 1 'tiles.npy: shape .3,3., want .2,N. as there are rows' hmm-manifest --vectors tiles=tiles.npy
	rm tiles.csv
	refuse 1 'tiles.npy: no table tiles.csv or .tsv beside it' hmm-manifest --vectors tiles=tiles.npy
	printf 'id\nx\ny\nz\n' >tiles.tsv
	hmm-manifest -q --vectors tiles=tiles.npy | grep -q 'tiles.npy#y'
	refuse 1 'a matrix has no names of columns' hmm-manifest --vectors 'tiles=tiles.npy[a]'
	truncate -s -1 tiles.npy
	refuse 1 'tiles.npy: 35 bytes of data do not fit its shape' hmm-manifest --vectors tiles=tiles.npy
}

@test "hmm-record: decimal commas and dates that become categories are told" {
	printf 'id\tcrp\tseen\tgrade\n' >t.tsv
	for i in $(seq 1 20); do printf 'p%02d\t%d,5\t2024-0%d-01\tG%d\n' $i $((i % 4)) $((1 + i % 5)) $((i % 3)); done >>t.tsv
	hmm-manifest --vectors a=t.tsv | awk -F'\t' -v OFS='\t' 'NR > 1 { $5 = "train" } 1' >m.tsv
	hmm-record -q --train -o e m.tsv 2>said
	[ "$(grep -c 'taken for categories' said)" = 2 ]
	grep -q "t.tsv: crp has values such as '1,5', which are taken for categories: a number has a point, and a date is none" said
	grep -q "t.tsv: seen has values such as '2024-02-01'" said
}

@test "hmm-record: what no program could take is refused where it is listed, or learned" {
	printf 'id,a\nx,1\ny,2\n' >t.csv
	for name in n/a ' a' 'a ' A+B "$(printf '%300s' | tr ' ' a)"; do
		refuse 1 "want a name without" hmm-manifest --vectors "$name=t.csv"
	done
	refuse 1 "no column 'subject' or 'participant_id' or 'patient_id' or 'group' in its header" hmm-manifest --vectors a=t.csv --labels t.csv --label a
	printf '@data\n1,2\n' >s.ts
	printf 'subject\tmodality\tlabel\tsplit\tpath\nx\ta\t1\ttrain\ts.ts#1\n' >signals.tsv
	refuse 1 's.ts: signals, which hmm-rocket makes vectors of' hmm-record -q --train -o e signals.tsv
}
