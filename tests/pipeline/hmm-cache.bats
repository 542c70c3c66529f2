bats_require_minimum_version 1.5.0
load helper

# name MANIFEST [SLICE-OPTIONS [VGG-OPTIONS]]: the manifest with the features' names
name() {
	# shellcheck disable=SC2086
	hmm-cache name --slice "$(hmm-slice $2 --show-history)" \
		--vgg "$(hmm-vgg -w "${weights:-vgg.safetensors}" $3 --show-history)" "$1"
}
# keys [SLICE-OPTIONS [VGG-OPTIONS]]: of one.tsv, a line each
keys() {
	name one.tsv "$@" | awk -F'\t' 'NR > 1 { print $NF }'
}
# table PATH [MASK]...: a manifest of images
table() {
	printf 'path\tmask\n'
	printf '%s\t%s\n' "$@"
}
# Behind this case's last part that needs no strace; and a command by strace, into trace.
can_trace() {
	command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null || skip 'no strace'
}
traced() {
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o trace "$@"
}
# spoil PATH CALLS COMMAND...: with calls on a path, which the command gives in full, that fail.
spoil() {
	traced -P "$1" -e "trace=${2%%:*}" -e "inject=$2" "${@:3}"
}
# The features of a table's rows, as a stream.
features() {
	hmm-slice --manifest "$1" | hmm-vgg -w vgg.safetensors
}
study() {
	tiny_study
	mapfile -t volumes < <(find study -name '*T1w.nii.gz' | sort)
	table "${volumes[0]}" n/a >one.tsv
}
# The volume FILE as STEM.hdr and STEM.img.
pair() { # FILE STEM
	zcat "$1" >single.nii
	{
		head -c 108 single.nii
		printf '\0\0\0\0'
		tail -c +113 single.nii | head -c 232
		printf 'ni1\0'
	} >"$2.hdr"
	tail -c +353 single.nii >"$2.img"
}

@test "hmm-cache name: the same options in another order, and defaults spelled out, are one name" {
	study
	want=$(keys '--voxel 2 --axis coronal --frame 0')
	[ "${#want}" = 64 ]
	for options in '--frame 00 --axis coronal --voxel 2.0' '--axis coronal --frame +0 --voxel 2x2x2.000' \
		'--voxel 02 --frame 0 --resize 256 --crop 224 --axis=coronal -j 7 -q' \
		'--axis axial --frame 3 --voxel 1 --voxel 2e0 --frame 0 --axis coronal' \
		'--subject s --source t --axis coronal --frame 0 --voxel 2'; do
		[ "$(keys "$options")" = "$want" ] || { echo "$options"; return 1; }
	done
	[ "$(keys '--voxel 0.1')" = "$(keys '--voxel .1x0.10x1e-1')" ]
	[ "$(keys '--frame mean')" = "$(keys '--frame 1 --frame mean')" ]
	[ "$(keys '' '-j 1')" = "$(keys '--axis axial' '-j 2 -q')" ]
	cp vgg.safetensors elsewhere.safetensors
	[ "$(weights=elsewhere.safetensors keys)" = "$(keys)" ]
}

@test "hmm-cache name: every option, weight, byte and mask that can matter is another name" {
	study
	hmm-weights --random vgg11 --width 0.03 -s 2 -o other.safetensors
	{
		keys
		weights=other.safetensors keys
		for options in '--axis coronal' '--axis sagittal' '--frame 0' '--frame 1' '--frame mean' '--voxel 2' \
			'--voxel 2x2x3' '--voxel 0.1' '--voxel 0.10000000000000002' '--resize 255' '--resize 0' '--crop 0'; do
			keys "$options"
		done
		keys '' --exact
		keys '' --per-slice
		zcat "${volumes[0]}" >changed.nii
		table changed.nii n/a >one.tsv
		keys
		printf x | dd of=changed.nii bs=1 seek=1000 conv=notrunc status=none
		keys
		table "${volumes[0]}" "${volumes[0]}" >one.tsv
		keys
		zcat "${volumes[1]}" >mask.nii
		table "${volumes[0]}" mask.nii >one.tsv
		keys
		printf x | dd of=mask.nii bs=1 seek=1000 conv=notrunc status=none
		keys
		table mask.nii "${volumes[0]}" >one.tsv
		keys
	} >names
	[ "$(wc -l <names)" = 22 ]
	[ "$(sort -u names | wc -l)" = 22 ]
}

@test "hmm-cache name: what a name is made of, computed once more" {
	study
	sum() { sha256sum <"$1" | cut -d' ' -f1; }
	table "${volumes[0]}" "${volumes[1]}" >one.tsv
	want=$(printf '%s\0' image "$(sum "${volumes[0]}")" mask "$(sum "${volumes[1]}")" \
		hmm-slice 4 'axis=axial voxel=2x2x2 nan=error resize=256 crop=224' '' \
		hmm-vgg 4.1 exact "$(sum vgg.safetensors)" | sha256sum | cut -d' ' -f1)
	[ "$(keys '--voxel 2' --exact)" = "$want" ]
	# the version is no part of it, the numerics are
	entry=$(hmm-slice --voxel 2 --show-history) made=$(hmm-vgg --exact -w vgg.safetensors --show-history)
	of() { hmm-cache name --slice "$1" --vgg "$2" one.tsv | awk -F'\t' 'NR > 1 { print $NF }'; }
	[ "$(of "${entry/\"version\":\"/&9}" "${made/\"version\":\"/&9}")" = "$want" ]
	[ "$(of "${entry/\"numerics\":\"/&9}" "$made")" != "$want" ]
	[ "$(of "$entry" "${made/\"numerics\":\"/&9}")" != "$want" ]
}

@test "hmm-cache name: a pair is both its files, whichever is named; what stands beside is not" {
	study
	pair "${volumes[0]}" a
	pair "${volumes[1]}" b
	cmp a.hdr b.hdr # only the voxels differ
	table a.hdr n/a a.img n/a b.hdr n/a >one.tsv
	mapfile -t names < <(keys)
	[ "${names[0]}" = "${names[1]}" ]
	[ "${names[0]}" != "${names[2]}" ]
	table b.hdr n/a a.hdr b.img >one.tsv # pairs as masks
	table a.hdr b.img >>one.tsv
	# hmm-slice takes x.img.gz where both are there
	gzip -n <b.img >a.img.gz
	table a.hdr n/a >one.tsv
	beside=$(keys)
	[ "$beside" != "${names[0]}" ]
	hmm-slice --list-files a.hdr | cut -f3 | diff - <(printf '%s\n' file a.hdr a.img.gz)
	printf x | dd of=a.img bs=1 seek=9 conv=notrunc status=none
	[ "$(keys)" = "$beside" ]
	printf x >>a.img.gz
	[ "$(keys)" != "$beside" ]
	rm a.img a.img.gz
	refuse 1 'a.img: cannot open' name one.tsv
}

@test "hmm-cache name: an image that cannot be read is said and has no name; the others have" {
	study
	mkfifo pipe
	table "${volumes[0]}" n/a absent.nii n/a pipe n/a "${volumes[0]}" absent.mask . n/a - n/a "${volumes[1]}" n/a n/a n/a >some.tsv
	run bash -c "$(declare -f name); name some.tsv 2>said"
	[ "$status" = 1 ]
	[ "$(awk -F'\t' '{ print length($NF) }' <<<"$output" | paste -sd' ')" = "8 64 3 3 3 3 3 64 3" ]
	[ "$(wc -l <said)" = 6 ]
	for what in 'absent.nii: cannot open' 'pipe: not a regular file but a pipe' 'absent.mask: cannot open' \
		'\.: not a regular file but a folder' 'standard input' 'row 8: no path'; do
		grep -q "hmm-cache: .*$what" said
	done
	refuse 1 'no images' name <(table | head -n 1)
	refuse 1 "no column 'path'" name <(echo subject)
}

@test "hmm-cache name: the columns stay, an old name is replaced, -j does not matter" {
	tiny_study
	name manifest.tsv >named.tsv
	cut -f 1-9 named.tsv | diff - <(cut -f 1-9 manifest.tsv)
	name <(sed 's/[0-9a-f]\{64\}/old/' named.tsv) | diff - named.tsv
	entry=$(hmm-slice --show-history) made=$(hmm-vgg -w vgg.safetensors --show-history)
	for jobs in 1 5; do hmm-cache name -j $jobs --slice "$entry" --vgg "$made" manifest.tsv | cmp - named.tsv; done
	refuse 1 'want the entry that hmm-slice --show-history' hmm-cache name --slice "$made" --vgg "$made" manifest.tsv
	refuse 1 'want the entry that hmm-vgg --show-history' hmm-cache name --slice "$entry" --vgg '{}' manifest.tsv
	refuse 1 'want the entry' hmm-cache name --slice "$entry" --vgg '' manifest.tsv
	refuse 1 'options .* want at most' hmm-cache name \
		--slice "${entry/axis/$(printf '%2000s' x)}" --vgg "$made" manifest.tsv
	refuse 2 'want name, plan, has, put, verify, stats or trim' hmm-cache
	refuse 2 'want name, plan, has, put, verify, stats or trim' hmm-cache nothing
	refuse 2 'want --slice' hmm-cache name manifest.tsv
	refuse 2 'want -c' hmm-cache has manifest.tsv
	refuse 2 'put: found 2 operands, want a manifest' hmm-cache put -c cache named.tsv named.tsv
	refuse 2 'has: found 2 operands, want a manifest' hmm-cache has -c cache named.tsv named.tsv
}

# plan MANIFEST OPTION...: into the folder plan, anew; the table on standard output
plan() {
	rm -rf plan
	hmm-cache plan -c cache --slice "$(hmm-slice --show-history)" --vgg "$(hmm-vgg -w vgg.safetensors --show-history)" \
		--batches plan "${@:2}" "$1"
}
# A file that was there before: as the journal notes it.
age() {
	sleep 3.1
}
# The rows of all batches, in their order, without the header.
planned() {
	local i
	for ((i = 1; i < $(wc -l <plan/batches.tsv); i++)); do tail -n +2 "plan/$i.tsv"; done
}

@test "hmm-cache plan: its table is that of name; batches have each missing name once, in order" {
	study
	hmm-phantom -o more --subjects 10 --size 14 --slices 5 --missing 0 -s 5
	{
		head -n 1 manifest.tsv
		tail -n +2 manifest.tsv
		hmm-manifest --bids more --label diagnosis --positive AD | hmm-split --ratio 4:3:3 -s 1 | tail -n +2
		sed -n '2,4p' manifest.tsv # the same images again
	} >all.tsv
	name all.tsv >named.tsv
	rows=$(($(tail -n +2 named.tsv | awk -F'\t' '{ print $NF }' | sort -u | wc -l)))
	for jobs in 1 3 7 200; do
		plan all.tsv --jobs $jobs | cmp - named.tsv
		# without its column sha256, a batch is the table's rows
		planned | awk -F'\t' -v OFS='\t' '{ NF--; print }' | diff - <(tail -n +2 named.tsv | awk -F'\t' '!seen[$NF]++')
		n=$(($(wc -l <plan/batches.tsv) - 1))
		[ $n = $((jobs < rows ? jobs : rows)) ] || { echo "$jobs jobs: $n batches"; return 1; }
		[ "$(ls plan | wc -l)" = $((n + 1)) ]
		head -n 1 plan/batches.tsv | diff - <(printf 'batch\tgenerator\tfrom\timages\tcost\n')
		for ((i = 1; i <= n; i++)); do
			head -n 1 plan/$i.tsv | diff - <(sed '1s/$/\tsha256/; q' named.tsv)
			images=$(($(wc -l <plan/$i.tsv) - 1))
			[ "$images" -ge 1 ]
			sed -n "$((i + 1))p" plan/batches.tsv | cut -f 1-4 | diff - <(printf '%s\t0\tn/a\t%s\n' "$i" "$images")
		done
		# together they cost what one costs, and none far more than its share
		awk -F'\t' -v rows=$rows -v n=$n 'NR > 1 { sum += $5; if ($5 > most) most = $5 } END {
			exit !(sum >= 14 * rows && sum <= 18 * rows && most <= sum / n + 17) }' plan/batches.tsv ||
			{ cat plan/batches.tsv; return 1; }
	done
	# what sha256sum says
	planned | while IFS=$'\t' read -ra cell; do
		[ "${cell[-1]}" = "$(sha256sum <"${cell[5]}" | cut -c 1-64)" ] || return 1
	done
	# what any of the caches has is left out, and where nothing is left there is no batch
	sed -n '1p;3,9p' named.tsv | features - | hmm-cache put -c below
	plan all.tsv -c below --jobs 2 | cmp - named.tsv
	planned | awk -F'\t' -v OFS='\t' '{ NF--; print }' |
		diff - <(tail -n +2 named.tsv | awk -F'\t' '!seen[$NF]++' | grep -vFf <(sed -n '3,9p' named.tsv | awk -F'\t' '{ print $NF }'))
	head -n 4 named.tsv | features - | hmm-cache put -c cache
	plan <(head -n 4 all.tsv) | diff - <(head -n 4 named.tsv)
	[ "$(ls plan)" = batches.tsv ]
	[ "$(wc -l <plan/batches.tsv)" = 1 ]
	refuse 1 'plan: is not empty' hmm-cache plan -c cache --slice "$(hmm-slice --show-history)" \
		--vgg "$(hmm-vgg -w vgg.safetensors --show-history)" --batches plan all.tsv
	refuse 1 'no images' plan <(head -n 1 all.tsv)
	refuse 2 'want --batches' hmm-cache plan -c cache --slice x --vgg x all.tsv
}

@test "hmm-cache plan: many slices are more batches than jobs, and a large image is a batch of its own" {
	study
	zcat "${volumes[0]}" | head -c 352 >large
	printf '\3\0\4\0\4\0\0\3' | dd of=large bs=1 seek=40 conv=notrunc status=none # 768 planes of 4x4
	head -c $((4 * 4 * 768 * 8)) /dev/zero >>large
	for i in {1..9}; do
		cp large $i.nii
		printf "\\$i" | dd of=$i.nii bs=1 seek=400 conv=notrunc status=none
	done
	plan <(table $(printf '%s n/a ' {1..9}.nii)) --jobs 2 >/dev/null
	# 9 x 768 slices in batches of at most about 1024, by twos
	awk -F'\t' 'NR > 1 { n++; images += $4; large += $5 > 1600 } END { exit !(images == 9 && n % 2 == 0 && n >= 6 && !large) }' \
		plan/batches.tsv || { cat plan/batches.tsv; return 1; }
	# by bytes, and small ones beside a large one
	{ printf 'P5\n1500 2000\n255\n'; head -c 3000000 /dev/zero; } >large.pgm
	for i in {1..6}; do printf 'P5\n1 1\n255\n%s' $i >$i.pgm; done
	plan <(table large.pgm n/a $(printf '%s n/a ' {1..6}.pgm)) --jobs 2 >/dev/null
	[ "$(cut -f 4 plan/batches.tsv | tail -n +2 | paste -sd' ')" = '2 5' ]
	plan <(table $(printf '%s n/a ' "${volumes[@]:0:6}") 1.nii n/a) --jobs 2 >/dev/null
	[ "$(cut -f 4 plan/batches.tsv | tail -n +2 | paste -sd' ')" = '6 1' ]
}

@test "hmm-cache plan: what cannot be read is said, has no name and is in no batch; the others are" {
	study
	table "${volumes[0]}" n/a absent.nii n/a "${volumes[1]}" absent.mask "${volumes[1]}" n/a . n/a >some.tsv
	run --separate-stderr plan some.tsv --jobs 2
	[ "$status" = 1 ]
	[ "$(awk -F'\t' '{ print length($NF) }' <<<"$output" | paste -sd' ')" = '8 64 3 3 64 3' ]
	[ "${#stderr_lines[@]}" = 3 ]
	for what in absent.nii absent.mask '\.: not a regular'; do grep -q "hmm-cache: $what" <<<"$stderr"; done
	planned | cut -f 1 | diff - <(printf '%s\n' "${volumes[0]}" "${volumes[1]}")
	refuse 1 'standard output: cannot write: No space left' bash -c "$(declare -f plan); plan one.tsv >/dev/full"
	# none is readable: a table, and no batch
	run --separate-stderr plan <(table absent.nii n/a)
	[ "$status" = 1 ]
	[ "${#lines[@]}" = 2 ]
	[ "$(ls plan)" = batches.tsv ]
}

@test "hmm-cache plan: the rows of each generator are batches of their own, behind the real ones" {
	study
	digest() { printf "$1%.0s" {1..64}; }
	entry() {
		printf '{"program":"hmm-gan","version":"1","numerics":"4","options":"from=%s to=%s seed=0","weights":"%s"}\n' "$2" "$3" "$(digest "$1")"
	}
	{ entry a T1w PET; entry b FLAIR PET; entry c 'T 1' T2w; } >gans
	{
		printf 'path\tmodality\timputed\n'
		printf '%s\t%s\t%s\n' "${volumes[0]}" PET "$(digest b)" "${volumes[1]}" T1w n/a "${volumes[1]}" T2w "$(digest c)" \
			"${volumes[2]}" PET "$(digest a)" "${volumes[0]}" T1w n/a "${volumes[2]}" PET "$(digest b)" "${volumes[0]}" PET "$(digest d)"
	} >m.tsv
	plan <(sed '$d' m.tsv) --gan gans --jobs 1 >table.tsv 2>said || { cat said; return 1; }
	hmm-cache name --gan gans --slice "$(hmm-slice --show-history)" --vgg "$(hmm-vgg -w vgg.safetensors --show-history)" \
		<(sed '$d' m.tsv) | cmp - table.tsv
	cut -f 1-4 plan/batches.tsv | tail -n +2 | diff - <(printf '%s\n' $'1\t0\tn/a\t2' $'2\t1\tT1w\t1' $'3\t2\tFLAIR\t2' $'4\t3\tT 1\t1')
	rows() { tail -n +2 "plan/$1.tsv" | cut -f 1; }
	diff <(rows 1) <(printf '%s\n' "${volumes[1]}" "${volumes[0]}")
	diff <(rows 2) <(printf '%s\n' "${volumes[2]}")
	diff <(rows 3) <(printf '%s\n' "${volumes[0]}" "${volumes[2]}")
	diff <(rows 4) <(printf '%s\n' "${volumes[1]}")
	plan <(sed '$d' m.tsv) --gan gans --jobs 2 >/dev/null
	[ "$(cut -f 2 plan/batches.tsv | tail -n +2 | paste -sd' ')" = '0 0 1 2 2 3' ]
	# one that is not there is said, and in no batch
	! plan m.tsv --gan gans >table.tsv 2>said || return 1
	[ "$(wc -l <said)" = 1 ]
	grep -q 'row 7 .*imputed as .PET. by dddddddddddd' said
	planned | wc -l | grep -qx 6
}

# Which images plan opens, by strace.
opens() { # MANIFEST OPTION...
	traced -e trace=open,openat hmm-cache plan -c cache --slice "$entry" --vgg "$made" --batches "$(mktemp -d)" "${@:2}" "$1" >/dev/null
	grep -v ENOENT trace | grep -oE '"[^"]*[.](nii|hdr|img|png)([.]gz)?"' | tr -d '"' | sort -u
}

@test "hmm-cache plan: a file that has not changed is not opened again; one that has is hashed anew" {
	study
	cp "${volumes[0]}" a.nii.gz
	zcat "${volumes[1]}" >b.nii
	{ zcat "${volumes[2]}"; head -c 1000000 /dev/zero; } >mask.nii
	cp "$root/tests/golden/slice.png" c.png
	pair "${volumes[3]}" p
	table a.nii.gz n/a b.nii mask.nii c.png n/a p.hdr n/a b.nii n/a >m.tsv
	name m.tsv >want.tsv
	# what is younger than two seconds is not noted
	touch p.img
	plan m.tsv | cmp - want.tsv
	! grep -s p.img cache/journal.tsv || return 1
	age
	plan m.tsv | cmp - want.tsv
	head -n 1 cache/journal.tsv | diff - <(printf 'path\tdevice\tinode\tsize\tmtime\tctime\talone\tsha256\n')
	for file in a.nii.gz b.nii mask.nii c.png; do
		printf '%s\t%s\tyes\t%s\n' "$PWD/$file" "$(stat -c $'%d\t%i\t%s' $file)" "$(sha256sum <$file | cut -c 1-64)"
	done >noted
	for file in p.hdr p.img; do
		printf '%s\t%s\tno\t%s\n' "$PWD/$file" "$(stat -c $'%d\t%i\t%s' $file)" "$(sha256sum <$file | cut -c 1-64)"
	done >>noted
	tail -n +2 cache/journal.tsv | cut -f 1-4,7,8 | sort | diff - <(sort noted)
	ls -l --time-style=+%s.%N a.nii.gz | awk '{ print $6 }' | grep -qxFf <(cut -f 5 cache/journal.tsv)
	cp cache/journal.tsv journal
	plan m.tsv | cmp - want.tsv
	cmp cache/journal.tsv journal
	plan m.tsv --rehash | cmp - want.tsv
	diff <(sort cache/journal.tsv) <(sort journal)
	cp cache/journal.tsv journal
	# whoever is in another folder, or names a file by its whole path, has the same journal
	sed "2,\$s|^|$PWD/|; 2,\$s|\tmask|\t$PWD/mask|" m.tsv >whole.tsv
	plan whole.tsv | cut -f 3 | diff - <(cut -f 3 want.tsv)
	cmp cache/journal.tsv journal
	# other bytes with the size and the time of before
	for file in a.nii.gz b.nii mask.nii c.png p.img; do
		touch -r $file stamp
		cp $file $file.before
		at=$(($(stat -c %s $file) / 2))
		[ $file != a.nii.gz ] || at=5 # a time that is in it
		tail -c +$((at + 1)) $file | head -c 1 | tr '\000-\377' '\001-\377\000' | dd of=$file bs=1 seek=$at conv=notrunc status=none
		touch -r stamp $file
		[ "$(stat -c '%s %Y' $file)" = "$(stat -c %s $file.before) $(stat -c %Y stamp)" ]
		name m.tsv >other.tsv
		! cmp -s want.tsv other.tsv || return 1
		plan m.tsv | cmp - other.tsv
		mv $file.before $file
		touch -r stamp $file
	done
	plan m.tsv | cmp - want.tsv
	# another file in its place, and one that is gone
	mv a.nii.gz x && mv b.nii a.nii.gz && mv x b.nii
	name m.tsv >other.tsv
	plan m.tsv | cmp - other.tsv
	rm a.nii.gz
	refuse 1 'a.nii.gz: cannot open' plan m.tsv
	cp "${volumes[0]}" a.nii.gz
	can_trace
	entry=$(hmm-slice --show-history) made=$(hmm-vgg -w vgg.safetensors --show-history)
	age
	plan m.tsv >named.tsv
	features named.tsv | hmm-cache put -c cache
	opens m.tsv | diff - <(printf '%s\n' p.hdr p.img) # whether it is a pair is in it
	opens m.tsv --rehash | diff - <(printf '%s\n' a.nii.gz b.nii c.png mask.nii p.hdr p.img)
	# beside something new the rest is not hashed again: a mask is looked at whether it is a pair
	cp b.nii new.nii
	sed '$d' m.tsv >longer.tsv
	table new.nii mask.nii | tail -n 1 >>longer.tsv
	opens longer.tsv | diff - <(printf '%s\n' mask.nii new.nii p.hdr p.img)
	bytes() { awk -v at="$1" '$0 ~ "openat.*\"" at "\"" { sub(/.* = /, ""); fd = $0; next } fd != "" && $0 ~ "read.*[(]" fd "," { n += $NF } $0 ~ "close[(]" fd "[)]" { fd = "" } END { print n + 0 }' trace; }
	traced -e trace=openat,read,pread64,close hmm-cache plan -j 1 -c cache --slice "$entry" --vgg "$made" --batches other longer.tsv >/dev/null
	[ "$(bytes new.nii)" -ge "$(stat -c %s new.nii)" ]
	[ "$(bytes mask.nii)" -lt "$(stat -c %s mask.nii)" ]
	[ "$(bytes p.img)" = 0 ]
}

@test "hmm-cache plan: a journal of odd rows is begun anew; what is none stays, and the work goes on" {
	study
	table "${volumes[0]}" n/a "${volumes[1]}" "${volumes[0]}" >m.tsv
	name m.tsv >want.tsv
	age
	plan m.tsv | cmp - want.tsv
	cp cache/journal.tsv good
	[ "$(wc -l <good)" = 3 ]
	digest=$(tail -n 1 good | cut -f 8)
	for wrong in '2s/\t[^\t]*$//' '3s/[0-9a-f]$/x/' '3s/[0-9a-f]$//' '2p' '3s/^[^\t]*/n\/a/' "3s/$digest/n\/a/" '2s/\tyes\t/\t\t/'; do
		sed "$wrong" good >cache/journal.tsv
		run --separate-stderr plan m.tsv
		[ "$status" = 0 ]
		diff <(echo "$output") want.tsv
		grep -q '^hmm-cache: warning: cache/journal.tsv: no journal of files; it is begun anew, and all files are hashed$' <<<"$stderr"
		[ "${#stderr_lines[@]}" -le 2 ]
		diff <(sort cache/journal.tsv) <(sort good)
	done
	for bytes in 0 1 40 200 $(($(stat -c %s good) - 1)) $(($(stat -c %s good) - 70)); do
		head -c "$bytes" good >cache/journal.tsv
		plan m.tsv 2>/dev/null | cmp - want.tsv
		diff <(sort cache/journal.tsv) <(sort good)
	done
	# a file that never was ours
	for theirs in '1s/ctime/time/' '1s/\tsha256//' '1s/$/\tmore/' 1d 's/.*/a diary/' '1s/^/\xff/'; do
		sed "$theirs" good >theirs
		cp theirs cache/journal.tsv
		run --separate-stderr plan m.tsv
		[ "$status" = 0 ]
		diff <(echo "$output") want.tsv
		[ "$stderr" = 'hmm-cache: warning: cache/journal.tsv: does not begin as a journal of files does; it stays as it is, and all files are hashed' ]
		cmp theirs cache/journal.tsv
	done
	rm cache/journal.tsv
	plan m.tsv | cmp - want.tsv
	# one of bytes that lie, of a file that is what it was: it is believed, but not with --rehash
	sed "2s/[0-9a-f]\{64\}/$(printf '0%.0s' {1..64})/" good >cache/journal.tsv
	plan m.tsv | cmp -s - want.tsv && return 1
	plan m.tsv --rehash | cmp - want.tsv
	plan m.tsv | cmp - want.tsv
	# none can be written
	rm cache/journal.tsv && mkdir cache/journal.tsv
	run --separate-stderr plan m.tsv
	[ "$status" = 0 ]
	diff <(echo "$output") want.tsv
	[ "$stderr" = 'hmm-cache: warning: cache/journal.tsv: not a regular file; it stays as it is, and all files are hashed' ]
	# nor through a link, or into a pipe
	for make in 'ln -s ../precious' mkfifo; do
		rm -r cache/journal.tsv
		echo mine >precious
		$make cache/journal.tsv
		timeout 20 hmm-cache plan -c cache --slice "$(hmm-slice --show-history)" --vgg "$(hmm-vgg -w vgg.safetensors --show-history)" \
			--batches "b.${make%% *}" m.tsv 2>/dev/null | cmp - want.tsv
		[ "$(cat precious)" = mine ]
	done
	rm -r cache && echo file >cache
	refuse 1 'cache: .*' plan m.tsv
	can_trace
	rm cache && mkdir cache
	entry=$(hmm-slice --show-history) made=$(hmm-vgg -w vgg.safetensors --show-history)
	for call in openat:error=EACCES openat:error=EROFS; do
		rm -rf plan
		spoil "$PWD/cache" $call hmm-cache plan -c "$PWD/cache" --slice "$entry" --vgg "$made" --batches plan m.tsv 2>said | cmp - want.tsv
	done
	for call in write:error=ENOSPC fsync:error=EIO; do
		rm -rf plan cache
		run --separate-stderr traced -e "inject=$call:when=1" hmm-cache plan -c cache --slice "$entry" --vgg "$made" --batches plan m.tsv
		[ ! -s cache/journal.tsv ] || diff <(sort cache/journal.tsv) <(sort good)
	done
}

@test "hmm-cache plan: of two at a time one whole journal stays; others' rows are kept" {
	tiny_study
	half() { sed -n "1p;$1p" manifest.tsv; }
	half 2,8 >one.tsv
	half '9,$' >two.tsv
	name manifest.tsv >want.tsv
	age
	# one after the other: both are in it
	plan one.tsv >/dev/null
	plan two.tsv >/dev/null
	[ "$(wc -l <cache/journal.tsv)" = "$(wc -l <manifest.tsv)" ]
	cp cache/journal.tsv both
	entry=$(hmm-slice --show-history) made=$(hmm-vgg -w vgg.safetensors --show-history)
	for turn in 1 2 3 4 5 6; do
		rm cache/journal.tsv
		for i in 1 2 3 4; do
			hmm-cache plan -c cache --slice "$entry" --vgg "$made" --batches "plan.$turn.$i" "$([ $((i % 2)) = 0 ] && echo one.tsv || echo two.tsv)" >/dev/null 2>"said.$i" &
		done
		wait
		cat said.* | wc -l | grep -qx 0
		# whole: each line is one of those
		[ -z "$(sort cache/journal.tsv | comm -23 - <(sort both))" ]
		[ "$(wc -l <cache/journal.tsv)" -ge 7 ]
		[ "$(ls cache)" = journal.tsv ]
	done
	plan manifest.tsv | cmp - want.tsv
	diff <(sort cache/journal.tsv) <(sort both)
}

@test "hmm-cache plan: names with tabs, newlines, quotes and bytes that are no text are noted and found again" {
	study
	mkdir 'o"d'
	names=($'tab\there' $'line\nend' 'back\slash' 'back\tslash' ' lead ' $'\xff\xfe' '"quoted"' "quote'" $'return\r' '#hash' 'n/a' $'\xc2\xa0')
	{
		echo path
		for i in "${!names[@]}"; do
			file=o\"d/${names[i]//\//_}.nii
			zcat "${volumes[0]}" >"$file"
			printf "\\$(printf %o $((i + 1)))" | dd of="$file" bs=1 seek=400 conv=notrunc status=none
		done
		hmm-slice --list-files o\"d/*.nii | tail -n +2 | cut -f 1
	} >m.tsv
	[ "$(wc -l <m.tsv)" = $((${#names[@]} + 1)) ]
	name m.tsv >want.tsv
	[ "$(awk -F'\t' 'NR > 1 { print $NF }' want.tsv | sort -u | wc -l)" = ${#names[@]} ]
	age
	plan m.tsv --jobs 3 | cmp - want.tsv
	planned | awk -F'\t' -v OFS='\t' '{ NF--; print }' | diff - <(tail -n +2 want.tsv)
	[ "$(wc -l <cache/journal.tsv)" = $((${#names[@]} + 1)) ]
	cp cache/journal.tsv journal
	plan m.tsv | cmp - want.tsv
	cmp journal cache/journal.tsv
	can_trace
	entry=$(hmm-slice --show-history) made=$(hmm-vgg -w vgg.safetensors --show-history)
	traced -e trace=open,openat hmm-cache plan -c cache --slice "$entry" --vgg "$made" --batches other m.tsv >/dev/null
	grep -qF 'o\"d' trace # for what it costs
	features want.tsv | hmm-cache put -c cache
	traced -e trace=open,openat hmm-cache plan -c cache --slice "$entry" --vgg "$made" --batches another m.tsv >/dev/null
	! grep -F 'o\"d' trace || return 1
}

@test "hmm-cache: a verb refuses an option that it would pass over" {
	while read -r verb words; do
		# shellcheck disable=SC2086
		refuse 2 "$verb knows no --" hmm-cache "$verb" $words
	done <<-'END'
		name --slice {} --vgg {} -c cache
		name --slice {} --vgg {} --there
		name --slice {} --vgg {} --rehash
		plan -c cache --slice {} --vgg {} --batches x --there
		has -c cache --slice {}
		has -c cache --gan x
		put -c cache --require
		put -c cache -j 2
		verify -c cache --dry-run
		stats -c cache --repair
		trim -c cache --size 1 -j 2
	END
	[ ! -e cache ]
}

@test "hmm-cache has: each missing name once; --require names images" {
	study
	table "${volumes[0]}" n/a "${volumes[1]}" n/a "${volumes[0]}" n/a absent n/a >some.tsv
	name some.tsv 2>said >named.tsv || true
	hmm-cache has -c cache named.tsv | diff - <(sed -n 1,3p named.tsv)
	[ ! -e cache ]
	sed -n 1,2p named.tsv >first.tsv
	features first.tsv | hmm-cache put -c cache
	hmm-cache has -c cache <named.tsv | diff - <(sed -n '1p;3p' named.tsv)
	hmm-cache has -c cache --there named.tsv | diff - <(sed -n '1p;2p;4p' named.tsv)
	run hmm-cache has -c cache --require named.tsv
	[ "$status" = 1 ]
	[[ "$output" == *"row 2 (${volumes[1]}): no features in cache"*"row 4 (absent)"*"only 2 of 4 images"* ]]
	hmm-cache has -c cache --require first.tsv | diff - <(head -n 1 first.tsv)
	refuse 1 "features 'xyz', want a name" hmm-cache has -c cache <(printf 'path\tfeatures\na\txyz\n')
	refuse 1 'want a name' hmm-cache has -c cache <(printf 'path\tfeatures\na\t../%062d\n' 0)
	for key in abcd "$(printf "%064d/../x" 0)" "$(printf "%063d" 0)" "$(printf '%065d' 0)" "$(printf 'A%063d' 0)"; do
		refuse 1 'want a name' hmm-cache has -c cache <(printf 'path\tfeatures\na\t%s\n' "$key")
	done
	refuse 1 "no column 'features'" hmm-cache has -c cache some.tsv
	refuse 1 'Permission denied|Not a directory' hmm-cache has -c named.tsv first.tsv
}

# The entry of a key.
entry() {
	echo "cache/${1:0:2}/$1.hmm"
}
two() {
	study
	table "${volumes[0]}" n/a "${volumes[1]}" n/a >both.tsv
	name both.tsv >named.tsv
	mapfile -t keys < <(awk -F'\t' 'NR > 1 { print $NF }' named.tsv)
	features named.tsv >both.hmm
}

@test "hmm-cache put: an entry is a stream of its own, says its name, and is read-only" {
	two
	hmm-cache put -c cache <both.hmm
	[ "$(find cache -type f | wc -l)" = 2 ]
	for i in 0 1; do
		sed -n "1p;$((i + 2))p" named.tsv >own.tsv
		features own.tsv | cmp - "$(entry "${keys[i]}")"
		[ "$(stat -c %a "$(entry "${keys[i]}")")" = 444 ]
		hmm-show "$(entry "${keys[i]}")" | awk -F'\t' '/^n\/a/ { print $6 }' | diff - <(echo "${keys[i]}")
	done
	# another umask, streams that follow one another, what is known of the image elsewhere
	(umask 077 && hmm-slice --subject s --source "${keys[0]}" "T1w=${volumes[0]}" | hmm-vgg -w vgg.safetensors |
		cat - both.hmm | hmm-cache put -c private)
	diff -r cache private
	find private -type f -perm /077 | wc -l | grep -qx 0
	mkdir npy
	hmm-show --npy npy both.hmm | grep -v '^#' >plain.tsv
	awk -F'\t' -v OFS='\t' 'NR > 1 { $1 = "s"; $2 = "g"; $3 = "m"; $4 = "m+n"; $5 = "test"; $7 = 1 } 1' plain.tsv >known.tsv
	for table in plain known; do hmm-show --from-npy features $table.tsv | hmm-cache put -c $table; done
	diff -r plain known
	[ "$(find private -type f -printf '%m\n' | sort -u)" = 400 ]
	[ "$(find private -type d -printf '%m\n' | sort -u)" = 700 ]
}

@test "hmm-cache put: what is there is not written again" {
	two
	hmm-cache put -c cache <both.hmm
	before=$(find cache -type f -printf '%p %i %T@\n' | sort)
	hmm-cache put -c cache <both.hmm
	[ "$before" = "$(find cache -type f -printf '%p %i %T@\n' | sort)" ]
	rm -f "$(entry "${keys[0]}")"
	hmm-cache put -c cache <both.hmm
	[ "$(find cache -type f | wc -l)" = 2 ]
	diff <(sort <<<"$before" | grep "${keys[1]}") <(find cache -type f -printf '%p %i %T@\n' | grep "${keys[1]}")
}

@test "hmm-cache put: of a stream that is cut or damaged the images before that stay, and nothing else" {
	two
	size=$(stat -c %s both.hmm)
	sed -n 1,2p named.tsv >own.tsv
	features own.tsv >own.hmm
	# behind the checksum of a stream's only block, its end record behind it
	first=$(($(features own.tsv | wc -c) - 20))
	for at in 0 1 50 200 $((first - 100)) $((first - 1)) $first $((first + 100)) $((size - 21)) $((size - 20)) $((size - 1)); do
		rm -rf cache
		refuse 1 'standard input: ' sh -c "head -c $at both.hmm | hmm-cache put -c cache"
		[ ! -e cache ] || [ -z "$(find cache -type f -name '*.hmm.*')" ]
		want=0
		[ "$at" -lt "$first" ] || want=1
		[ "$at" -lt $((size - 20)) ] || want=2
		found=$({ [ ! -e cache ] || find cache -type f; } | wc -l)
		[ "$found" = "$want" ] || { echo "$at of $size: $found entries, want $want"; return 1; }
		[ $want = 0 ] || features own.tsv | cmp - "$(entry "${keys[0]}")"
	done
	# in the first image, in its checksum, in the second one, in the end; and what is broken or cut behind
	for at in 130 400 1000 $((first - 2)) $((first + 200)) $((size - 200)) $((size - 22)) $((size - 2)); do
		for behind in nothing length cut; do
			rm -rf cache
			cp both.hmm damaged.hmm
			printf '\1\2' | dd of=damaged.hmm bs=1 seek="$at" conv=notrunc status=none
			[ $behind != length ] || printf '\xc6\x3f\xff\xff\xff' | dd of=damaged.hmm bs=1 seek=$((size - 19)) conv=notrunc status=none
			[ $behind != cut ] || truncate -s $((size - 10)) damaged.hmm
			refuse 1 'standard input: ' sh -c 'hmm-cache put -c cache <damaged.hmm'
			want=0
			[ "$at" -lt "$first" ] || want=1
			[ "$at" -lt $((size - 20)) ] || want=2
			mkdir -p cache
			found=$(find cache -type f | wc -l)
			[ "$found" = "$want" ] || { echo "$at of $size, $behind: $found entries, want $want"; return 1; }
			[ $want = 0 ] || features own.tsv | cmp - "$(entry "${keys[0]}")"
			hmm-cache verify -q -c cache
		done
	done
	# what another writer was told is there stays, whatever comes behind it
	rm -rf cache
	cp both.hmm damaged.hmm
	printf '\1\2' | dd of=damaged.hmm bs=1 seek=$((size - 200)) conv=notrunc status=none
	mkfifo slow
	hmm-cache put -c cache <slow 2>said 3>&- &
	{
		head -c $((first + 200)) damaged.hmm
		for i in {1..100}; do [ ! -e "$(entry "${keys[0]}")" ] || break; sleep 0.05; done
		hmm-cache put -c cache --log log <own.hmm
		tail -c +$((first + 201)) damaged.hmm
	} >slow
	! wait $! || return 1
	[ "$(cut -f 4 log)" = there ]
	find cache -type f | diff - <(entry "${keys[0]}")
}

@test "hmm-cache put: slices in blocks of their own are whole when the last is there" {
	two
	hmm-slice --manifest named.tsv | hmm-vgg --per-slice -w vgg.safetensors >slices.hmm
	[ "$(hmm-show slices.hmm | grep -c '^n/a')" = 6 ]
	hmm-cache put -c cache <slices.hmm
	[ "$(hmm-show "$(entry "${keys[1]}")" | awk -F'\t' '/^n\/a/ { print $8 }' | paste -sd' ')" = "0 1 2" ]
	mkdir npy
	hmm-show --npy npy slices.hmm | grep -v '^#' >table.tsv
	for lines in '1 2 3 5 6 7' '1 2 3 4 6 7' '1 3 4' '1 3 2 4' '1 2 3 3 4'; do
		rm -rf cache
		for line in $lines; do sed -n "${line}p" table.tsv; done >cut.tsv
		refuse 1 'found . slices|slice ., want' sh -c 'hmm-show --from-npy features cut.tsv | hmm-cache put -c cache'
	done
	rm -rf cache
	head -n 6 table.tsv >cut.tsv # the second lacks its last
	refuse 1 "${keys[1]}: found 2 slices' features, want 3" sh -c 'hmm-show --from-npy features cut.tsv | hmm-cache put -c cache'
	find cache -type f | diff - <(entry "${keys[0]}")
	# the last one is there, the end of the stream is not
	rm -rf cache
	hmm-slice --source "${keys[0]}" "${volumes[0]}" | hmm-vgg --per-slice -w vgg.safetensors | head -c -1 >cut.hmm
	refuse 1 'ends early' sh -c 'hmm-cache put -c cache <cut.hmm'
	find cache -type f | diff - <(entry "${keys[0]}")
	# how many there are is not said: the stream's end says it, whatever comes behind
	rm -rf cache
	head -n 4 table.tsv | awk -F'\t' -v OFS='\t' 'NR > 1 { $9 = "n/a" } 1' >open.tsv
	hmm-show --from-npy features open.tsv >open.hmm
	cp slices.hmm damaged.hmm
	printf '\1\2' | dd of=damaged.hmm bs=1 seek=$(($(stat -c %s damaged.hmm) / 2)) conv=notrunc status=none
	refuse 1 'checksum|finite' sh -c 'cat open.hmm damaged.hmm | hmm-cache put -c cache'
	find cache -type f | grep -q "${keys[0]}"
	size=$(stat -c %s slices.hmm)
	rm -rf cache
	refuse 1 'ends' sh -c "head -c $((size * 5 / 6)) slices.hmm | hmm-cache put -c cache"
	find cache -type f | diff - <(entry "${keys[0]}")
}

@test "hmm-cache put: two at once leave one whole entry" {
	two
	for try in 1 2 3 4 5; do
		rm -rf cache
		hmm-cache put -c cache <both.hmm &
		hmm-cache put -c cache <both.hmm
		wait $!
		[ "$(find cache -type f | wc -l)" = 2 ]
		for key in "${keys[@]}"; do hmm-show "$(entry "$key")" >/dev/null; done
	done
	# one that waits in the midst of an image, and another that is done before
	rm -rf cache
	mkfifo slow
	hmm-cache put -c cache <slow &
	{
		head -c 600 both.hmm
		sleep 0.5
		hmm-cache put -c cache <both.hmm
		tail -c +601 both.hmm
	} >slow
	wait $!
	[ "$(find cache -type f | wc -l)" = 2 ]
	for key in "${keys[@]}"; do hmm-show "$(entry "$key")" >/dev/null; done
}

@test "hmm-cache put: what a killed writer left goes a day later, and nothing else" {
	two
	hmm-cache put -c cache <both.hmm
	one=$(entry "${keys[0]}")
	folder=${one%/*}
	mv "$one" "$one.Ab3dE9"
	touch -d '25 hours ago' "$one.Ab3dE9"
	cp "$one.Ab3dE9" "$folder/${keys[0]%?}0.hmm" # another entry, old
	touch -d '25 hours ago' "$folder/${keys[0]%?}0.hmm" "$folder/notes"
	touch "$one.xY7zW1" # of somebody who is writing
	hmm-cache put -c cache <both.hmm
	[ "$(ls "$folder")" = "$(printf '%s\n' "${keys[0]%?}0.hmm" "${keys[0]}.hmm" "${keys[0]}.hmm.xY7zW1" notes | sort -u)" ]
	# kill -9 in the midst of an image
	rm -rf cache
	hmm-slice --manifest named.tsv | hmm-vgg --per-slice -w vgg.safetensors >slices.hmm
	mkfifo slow
	hmm-cache put -c cache <slow 3>&- &
	{
		head -c $(($(stat -c %s slices.hmm) / 3)) slices.hmm
		sleep 0.5
		kill -9 $!
	} >slow || true
	wait $! || true
	[ "$(find cache -name '*.hmm' | wc -l)" = 0 ]
	find cache -type f -exec touch -d '25 hours ago' {} +
	hmm-cache put -c cache <both.hmm
	find cache -type f | sort | diff - <(printf '%s\n' "$(entry "${keys[0]}")" "$(entry "${keys[1]}")" | sort)
}

@test "hmm-cache put: a full disk, a folder that cannot be, a source that is no name: nothing is left" {
	two
	refuse 1 'cannot write: File too large' sh -c "trap '' XFSZ; ulimit -f 1; hmm-cache put -c cache <both.hmm"
	[ -z "$(find cache -type f)" ]
	refuse 1 'Not a directory' sh -c 'hmm-cache put -c /dev/full/cache <both.hmm'
	hmm-slice "${volumes[0]}" | hmm-vgg -w vgg.safetensors >path.hmm
	refuse 1 "source '${volumes[0]}', want a name" sh -c 'hmm-cache put -c cache <path.hmm'
	refuse 1 'stream of slices, want features' sh -c 'hmm-slice --manifest named.tsv | hmm-cache put -c cache'
	hmm-slice --source ../../../"${keys[0]:9}" "${volumes[0]}" | hmm-vgg -w vgg.safetensors >up.hmm
	refuse 1 'want a name' sh -c 'hmm-cache put -c cache <up.hmm'
	[ -z "$(find cache -type f)" ]
	# what was whole before that stays
	awk -F'\t' -v OFS='\t' 'NR == 3 { $NF = "n/a" } 1' named.tsv >mixed.tsv
	features mixed.tsv >mixed.hmm
	refuse 1 "source '${volumes[1]}', want a name" sh -c 'hmm-cache put -c cache <mixed.hmm'
	find cache -type f | diff - <(entry "${keys[0]}")
}

# A table of both images that hmm-gather takes.
study_of_two() {
	printf 'subject\tmodality\n' | paste - <(head -n 1 named.tsv) >study.tsv
	printf 's%d\tT1w\n' 1 2 | paste - <(tail -n +2 named.tsv) >>study.tsv
}

@test "hmm-cache, hmm-gather: a cache below another is looked into, and never written to" {
	two
	study_of_two
	sed -n 1,2p named.tsv >first.tsv
	hmm-cache put -c all <both.hmm
	hmm-gather -c all study.tsv >want.hmm
	mkdir 'shared by us'
	features first.tsv | hmm-cache put -c 'shared by us'
	below=$(find 'shared by us' -printf '%p %i %T@\n' | sort)
	hmm-cache has -c mine -c 'shared by us' named.tsv | diff - <(sed -n '1p;3p' named.tsv)
	hmm-cache has -c 'shared by us' -c all named.tsv | diff - <(head -n 1 named.tsv)
	run hmm-cache has -c mine -c 'shared by us' --require named.tsv
	[[ "$status" = 1 && "$output" == *"row 2 (${volumes[1]}): no features in mine or the other caches"* ]]
	[ ! -e mine ]
	hmm-cache put -c mine -c 'shared by us' <both.hmm
	find mine -type f | diff - <(entry "${keys[1]}" | sed s/cache/mine/)
	hmm-gather -c mine -c 'shared by us' study.tsv | cmp - want.hmm
	hmm-gather -c 'shared by us' -c mine study.tsv | cmp - want.hmm
	refuse 1 "mine/.*No such file.*${volumes[0]}: run extract" hmm-gather -c mine study.tsv
	rm -rf mine
	refuse 1 "mine/.*No such file.*${volumes[1]}, and in none of the other caches: run extract" \
		hmm-gather -c mine -c 'shared by us' study.tsv
	# the first is not there yet; a name of another that is not there is a slip
	hmm-gather -c mine -c all study.tsv | cmp - want.hmm
	refuse 1 'sharde: cannot open' hmm-gather -c all -c sharde study.tsv
	for words in 'has -c all -c sharde named.tsv' 'put -c all -c sharde'; do
		# shellcheck disable=SC2086
		refuse 1 'sharde: cannot open' hmm-cache $words
	done
	refuse 1 'named.tsv: not a folder' hmm-cache has -c all -c named.tsv named.tsv
	[ "$below" = "$(find 'shared by us' -printf '%p %i %T@\n' | sort)" ]
}

@test "hmm-gather: what it reads is in use today; of what it may not touch the time stays" {
	two
	study_of_two
	hmm-cache put -c cache <both.hmm
	touch -d '25 hours ago' "$(entry "${keys[0]}")"
	touch -d '23 hours ago' "$(entry "${keys[1]}")"
	young=$(stat -c %Y "$(entry "${keys[1]}")") now=$(date +%s)
	hmm-gather -c cache study.tsv >want.hmm
	[ "$(stat -c %Y "$(entry "${keys[0]}")")" -ge "$now" ]
	[ "$(stat -c %Y "$(entry "${keys[1]}")")" = "$young" ]
	[ "$(stat -c %a "$(entry "${keys[0]}")")" = 444 ]
	touch -d '25 hours ago' "$(entry "${keys[0]}")"
	old=$(stat -c %Y "$(entry "${keys[0]}")")
	hmm-cache has -c cache named.tsv >/dev/null
	[ "$(stat -c %Y "$(entry "${keys[0]}")")" = "$old" ]
	can_trace
	traced -e trace=utimensat -e inject=utimensat:error=EPERM hmm-gather -c cache study.tsv 2>said | cmp - want.hmm
	[ "$(grep -c EPERM trace)" = 1 ]
	[ ! -s said ]
	[ "$(stat -c %Y "$(entry "${keys[0]}")")" = "$old" ]
}

@test "hmm-cache put --slice --vgg: nothing is stored that was made otherwise" {
	two
	slice=$(hmm-slice --show-history) vgg=$(hmm-vgg -w vgg.safetensors --show-history)
	put() { hmm-cache put -c cache --slice "$slice" --vgg "$vgg" "$@"; }
	put <both.hmm
	[ "$(find cache -type f | wc -l)" = 2 ]
	rm -rf cache
	# the version does not matter; a mask is part of the name
	slice=${slice/\"version\":\"/&9} vgg=${vgg/\"version\":\"/&9} put <both.hmm
	hmm-slice --mask "${volumes[0]}" --source "$(printf %064d 0)" "${volumes[0]}" | hmm-vgg -w vgg.safetensors >masked.hmm
	hmm-show masked.hmm | grep -q mask=yes
	put <masked.hmm
	[ "$(find cache -type f | wc -l)" = 3 ]
	rm -rf cache
	refused() { # WHAT COMMAND: whose stream is refused, and what follows it
		sh -c "$2" >other.hmm
		refuse 1 "^hmm-cache: standard input: features made $1: none of them is stored$" put <other.hmm
		[ ! -e cache ] || [ -z "$(find cache -type f)" ]
	}
	hmm-weights --random vgg11 --width 0.03 -s 2 -o other.safetensors
	cut='hmm-slice --manifest named.tsv'
	refused "by hmm-vgg with weights=$(sha256sum <other.safetensors | head -c 12), want made with weights=$(sha256sum <vgg.safetensors | head -c 12)" \
		"$cut | hmm-vgg -w other.safetensors"
	refused 'by hmm-vgg with exact, want made without exact' "$cut | hmm-vgg --exact -w vgg.safetensors"
	refused 'by hmm-slice with axis=coronal, want made with axis=axial' "$cut --axis coronal | hmm-vgg -w vgg.safetensors"
	vgg=${vgg/\"numerics\":\"/&9} refused 'by hmm-vgg with numerics=.*, want made with numerics=9.*' "cat both.hmm"
	# a step more, on either side; a step that passes on what came is none
	hmm-slice --stamp --manifest manifest.tsv | hmm-gan --train pix2pix --from T1w --to trc-18FFDG_pet --size 32 --ngf 1 --ndf 1 \
		--epochs 1 --epochs-decay 0 -o gan.safetensors
	hmm-gan -w gan.safetensors --show-history >gan
	hmm-slice "T1w=${volumes[0]}" --source "$(printf %064d 1)" | hmm-gan -w gan.safetensors | hmm-vgg -w vgg.safetensors >imputed.hmm
	refused 'by hmm-gan, want made without hmm-gan' 'cat imputed.hmm'
	put --gan gan <imputed.hmm
	find cache -type f | diff - <(entry "$(printf %064d 1)")
	rm -rf cache
	refuse 1 'made without hmm-gan, want made by hmm-gan' put --gan gan <both.hmm
	sed 's/"weights":"[0-9a-f]\{3\}/"weights":"000/' gan >theirs
	refuse 1 'made by hmm-gan with weights=.*, want made with weights=000' put --gan theirs <imputed.hmm
	cat theirs gan >all
	put --gan all <imputed.hmm
	# what stood before such a stream stays
	rm -rf cache
	sh -c "$cut --axis coronal | hmm-vgg -w vgg.safetensors" >other.hmm
	features <(sed -n 1,2p named.tsv) | cat - other.hmm >mixed.hmm
	refuse 1 'axis=coronal' put <mixed.hmm
	find cache -type f | diff - <(entry "${keys[0]}")
	for words in '--slice {}' '--vgg {}' '--gan gan'; do
		# shellcheck disable=SC2086
		refuse 2 'put: want both --slice and --vgg, or neither' hmm-cache put -c cache $words
	done
	refuse 1 'want the entry that hmm-vgg --show-history' hmm-cache put -c cache --slice "$slice" --vgg "$slice" </dev/null
}

@test "hmm-cache put: with a manifest, what it does not name is not stored" {
	study
	name <(table "${volumes[0]}" n/a "${volumes[1]}" n/a "${volumes[2]}" n/a) >named.tsv
	features named.tsv >features.hmm
	for row in 2 3 4; do # each of them is asked for, in any order
		rm -rf cache
		{ sed -n 1p named.tsv; sed -n "2,4{$row!p}" named.tsv; sed -n ${row}p named.tsv; } >asked.tsv
		hmm-cache put -c cache asked.tsv <features.hmm
		[ "$(find cache -name '*.hmm' | wc -l)" = 3 ]
		# and one is not: what comes before it stays
		rm -rf cache
		sed "${row}d" named.tsv >asked.tsv
		refuse 1 "^hmm-cache: standard input: record $((row - 1)): source '$(sed -n ${row}p named.tsv | awk -F'\t' '{ print $NF }')', want one of asked.tsv$" \
			hmm-cache put -c cache asked.tsv <features.hmm
		[ "$(find cache -name '*.hmm*' | wc -l)" = $((row - 2)) ]
	done
	refuse 1 "no column 'features'" hmm-cache put -c cache one.tsv <features.hmm
	refuse 1 'absent: cannot open' hmm-cache put -c cache absent <features.hmm
	# nothing has a name: nothing is taken
	refuse 1 "record 1: source '.*', want one of" hmm-cache put -c other <(printf 'path\tfeatures\nx\tn/a\n') <features.hmm
	[ -z "$(find other -name '*.hmm*' 2>/dev/null)" ]
}

@test "hmm-cache put --log: a line an image, whole, behind those of others" {
	two
	echo before >log
	hmm-cache put -c cache --log log <both.hmm
	hmm-cache put -c cache --log log <both.hmm
	awk -F'\t' -v OFS='\t' '{ $3 = "" } 1' log | diff - <(
		echo $'before\t\t'
		for word in stored there; do
			for key in "${keys[@]}"; do printf '%s\t%s\t\t%s\n' "$key" "$(stat -c %s "$(entry "$key")")" $word; done
		done
	)
	now=$(date +%s)
	awk -F'\t' -v now="$now" 'NR > 1 && ($3 !~ /^[0-9]+[.][0-9][0-9][0-9]$/ || $3 > now + 1 || $3 < now - 60) { exit 1 }' log
	# of a damaged stream what is before that
	rm -r cache log
	cp both.hmm damaged.hmm
	printf '\1\2' | dd of=damaged.hmm bs=1 seek=$(($(stat -c %s both.hmm) - 200)) conv=notrunc status=none
	refuse 1 'checksum|finite' hmm-cache put -c cache --log log <damaged.hmm
	cut -f 1,2,4 log | diff - <(printf '%s\t%s\tstored\n' "${keys[0]}" "$(stat -c %s "$(entry "${keys[0]}")")")
	rm -r cache
	mkfifo never
	refuse 1 'nowhere/log: cannot open' timeout 10 hmm-cache put -c cache --log nowhere/log <>never
	[ -z "$(find cache -type f)" ]
	# what cannot be written is said once; the entries stay
	refuse 1 'the log: cannot write: No space left' hmm-cache put -c cache --log /dev/full <both.hmm
	[ "$(find cache -type f | wc -l)" = 2 ]
	# many at once
	rm -r log cache
	for i in {1..8}; do hmm-cache put -c "cache$((i % 2))" --log log <both.hmm & done
	wait
	[ "$(grep -cE $'^[0-9a-f]{64}\t[0-9]+\t[0-9.]+\t(stored|there)$' log)" = 16 ]
	[ "$(wc -l <log)" = 16 ]
	can_trace
	traced -s 200 -e trace=write hmm-cache put -c cache0 --log log <both.hmm
	[ "$(grep -c there trace)" = 2 ]
}

@test "hmm-cache put: the folders that it wrote into are synced behind the entries" {
	can_trace
	two
	traced -y -e trace=fsync,linkat,renameat,rename hmm-cache put -c cache <both.hmm
	last=$(grep -nE '(linkat|rename)' trace | tail -n 1 | cut -d: -f1)
	for folder in "cache/${keys[0]:0:2}" "cache/${keys[1]:0:2}" cache; do
		tail -n "+$((last + 1))" trace | grep -qE "fsync\([0-9]+<[^>]*/$folder>"
	done
	traced -e trace=fsync hmm-cache put -c cache <both.hmm
	[ ! -s trace ]
}

@test "hmm-gather: an entry that is another image's is an error that names both" {
	two
	printf 'subject\tmodality\n' | paste - <(head -n 1 named.tsv) >study.tsv
	printf 's%d\tT1w\n' 1 2 | paste - <(tail -n +2 named.tsv) >>study.tsv
	hmm-cache put -c cache <both.hmm
	hmm-gather -c cache study.tsv >good.hmm
	cp -r cache swapped
	mv "$(entry "${keys[0]}")" kept
	cp -f "$(entry "${keys[1]}")" "$(entry "${keys[0]}")"
	refuse 1 "holds the features of '${keys[1]}', want '${keys[0]}'" hmm-gather -c cache study.tsv
	cp -f kept "$(entry "${keys[0]}")"
	hmm-gather -c cache study.tsv | cmp - good.hmm
	# twice in one
	chmod u+w "$(entry "${keys[0]}")"
	cat kept "$(entry "${keys[1]}")" >"$(entry "${keys[0]}")"
	refuse 1 "holds the features of '${keys[1]}', want '${keys[0]}'" hmm-gather -c cache study.tsv
}

@test "hmm-gather: an entry is one image, once and whole, whatever was done to it" {
	two
	printf 'subject\tmodality\n' | paste - <(head -n 1 named.tsv) >study.tsv
	printf 's%d\tT1w\n' 1 2 | paste - <(tail -n +2 named.tsv) >>study.tsv
	hmm-cache put -c cache <both.hmm
	one=$(entry "${keys[0]}")
	chmod u+w "$one"
	cp "$one" kept
	cat kept kept >"$one"
	refuse 1 "${keys[0]}.hmm: holds an image's features twice" hmm-gather -c cache study.tsv
	# slices: twice, the last missing, the first missing
	rm -r cache
	hmm-slice --manifest named.tsv | hmm-vgg --per-slice -w vgg.safetensors | hmm-cache put -c cache
	hmm-gather -c cache study.tsv | hmm-show | grep -c '^s[12]' | grep -qx 6
	chmod u+w "$one"
	cp "$one" kept
	cat kept kept >"$one"
	refuse 1 "${keys[0]}.hmm: slice 0 stands in place 3" hmm-gather -c cache study.tsv
	mkdir arrays
	hmm-show --npy arrays kept >table.tsv
	head -n -1 table.tsv >cut.tsv
	hmm-show --from-npy features cut.tsv >"$one"
	refuse 1 "${keys[0]}.hmm: found 2 slices' features, want 3" hmm-gather -c cache study.tsv
	awk '/^#/ || !header++ || rows++' table.tsv >cut.tsv
	hmm-show --from-npy features cut.tsv >"$one"
	refuse 1 "${keys[0]}.hmm: slice 1 stands in place 0" hmm-gather -c cache study.tsv
}

@test "hmm-cache, hmm-gather: what stands under an entry's name and is no file with features is an error" {
	two
	hmm-cache put -c cache <both.hmm
	printf 'subject\tmodality\n' | paste - <(head -n 1 named.tsv) >study.tsv
	tail -n +2 named.tsv | sed 's/^/s\tT1w\t/' >>study.tsv
	path=$(entry "${keys[0]}")
	while read -r make what; do
		rm -rf "$path"
		$make "$path"
		for option in --require --there -q; do refuse 1 "$path: $what" timeout 20 hmm-cache has -c cache $option named.tsv; done
		refuse 1 "$path: " timeout 20 hmm-gather -c cache study.tsv
		refuse 1 "$path: $what" timeout 20 sh -c 'hmm-cache put -c cache <both.hmm'
	done <<-'END'
		mkdir not a regular file but a folder
		mkfifo not a regular file but a pipe
		touch empty, want features: remove it
	END
}

@test "hmm-cache, hmm-gather: what is unfit in a cache below counts as not there, with a warning" {
	two
	study_of_two
	hmm-cache put -c all <both.hmm
	hmm-gather -c all study.tsv >want.hmm
	hmm-cache put -c theirs <both.hmm
	path=$(entry "${keys[0]}" | sed s/cache/theirs/)
	while read -r make what; do
		rm -rf "$path" mine
		$make "$path"
		hmm-cache has -c mine -c theirs named.tsv 2>said | diff - <(head -n 2 named.tsv)
		[ "$(cat said)" = "hmm-cache: warning: $path: $what: counts as not there" ]
		hmm-cache plan -c mine -c theirs --slice "$(hmm-slice --show-history)" --vgg "$(hmm-vgg -w vgg.safetensors --show-history)" \
			--batches "b.$make" both.tsv 2>said >/dev/null
		[ "$(wc -l <said)" = 1 ]
		[ "$(tail -n +2 "b.$make/1.tsv" | wc -l)" = 1 ]
		refuse 1 "mine/.*run extract" sh -c 'hmm-gather -q -c mine -c theirs study.tsv 2>&1 >/dev/null | grep -v warning >&2; exit 1'
		hmm-cache put -c mine -c theirs <both.hmm 2>said
		[ "$(cat said)" = "hmm-cache: warning: $path: $what: counts as not there" ]
		find mine -name '*.hmm' | diff - <(entry "${keys[0]}" | sed s/cache/mine/)
		hmm-gather -c mine -c theirs study.tsv 2>said | cmp - want.hmm
		[ ! -s said ]
	done <<-'END'
		mkdir not a regular file
		mkfifo not a regular file
		touch empty
	END
	can_trace
	rm -rf "$path" mine
	cp "$(sed s/theirs/all/ <<<"$path")" "$path"
	spoil "$PWD/$path" openat:error=EACCES hmm-cache put -c mine -c "$PWD/theirs" <both.hmm 2>said
	grep -q "$path: Permission denied: counts as not there" said
	find mine -name '*.hmm' | diff - <(entry "${keys[0]}" | sed s/cache/mine/)
}

# A cache of six entries, keys[], two of them slices in blocks of their own.
six() {
	two
	for i in {1..4}; do hmm-slice --source "$(printf "$i%063d" 0)" "${volumes[0]}"; done | hmm-vgg -w vgg.safetensors >four.hmm
	hmm-slice --manifest named.tsv | hmm-vgg --per-slice -w vgg.safetensors | cat - four.hmm | hmm-cache put -c cache
	mapfile -t keys < <(find cache -name '*.hmm' | sed 's/.*\///; s/[.]hmm//' | sort)
	[ ${#keys[@]} = 6 ]
}
change() { # ENTRY AT: two bytes of it
	chmod u+w "$1"
	printf '\1\2' | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

@test "hmm-cache verify: what is whole is whole, whoever looks with how many threads" {
	six
	before=$(find cache -printf '%p %i %T@\n' | sort)
	for jobs in 1 2 7; do
		hmm-cache verify -c cache -j $jobs 2>said
		diff said <(echo 'hmm-cache: cache: of 6 entries 0 bad')
	done
	hmm-cache verify -q -c cache 2>said
	[ ! -s said ]
	hmm-cache verify -q -c cache --repair
	[ "$before" = "$(find cache -printf '%p %i %T@\n' | sort)" ]
	[ "$(find . -maxdepth 1 -name '*.hmm.*')" = '' ]
	refuse 1 'nowhere: cannot read: No such file' hmm-cache verify -c nowhere
	mkdir empty
	hmm-cache verify -c empty 2>said
	diff said <(echo 'hmm-cache: empty: of 0 entries 0 bad')
}

@test "hmm-cache verify: every byte of an entry counts" {
	six
	one=$(entry "${keys[0]}")
	chmod u+w "$one"
	cp "$one" kept
	size=$(stat -c %s "$one")
	for at in 0 1 9 30 100 200 $((size / 2)) $((size - 30)) $((size - 9)) $((size - 2)); do
		cp kept "$one"
		change "$one" "$at"
		refuse 1 "$one: " hmm-cache verify -q -c cache
	done
	for bytes in 0 1 100 $((size / 2)) $((size - 1)); do
		head -c "$bytes" kept >"$one"
		refuse 1 "$one: " hmm-cache verify -q -c cache
	done
	{ cat kept; printf x; } >"$one"
	refuse 1 "$one: " hmm-cache verify -q -c cache
	cp -f "$(entry "${keys[1]}")" "$one"
	refuse 1 "$one: holds the features of '${keys[1]}', want '${keys[0]}'" hmm-cache verify -q -c cache
	cp -f kept "$one"
	hmm-cache verify -q -c cache
}

@test "hmm-cache verify --repair: what is bad goes, and extract makes it again; what is whole stays" {
	tiny_study
	extract -w vgg.safetensors -c cache -j 2 manifest.tsv >features.tsv
	cp -r cache want
	mapfile -t keys < <(find cache -name '*.hmm' | sed 's/.*\///; s/[.]hmm//' | sort)
	bad=("${keys[@]:0:5}")
	for key in "${bad[@]}"; do change "$(entry "$key")" 400; done
	before=$(find cache -type f -printf '%p %i %T@\n' | sort)
	run hmm-cache verify -j 1 -c cache
	[ "$status" = 1 ]
	[ "${#lines[@]}" = 6 ]
	for key in "${bad[@]}"; do [[ "$output" == *"hmm-cache: $(entry "$key"): checksum"* ]]; done
	[ "${lines[-1]}" = "hmm-cache: cache: of ${#keys[@]} entries 5 bad" ]
	[ "$before" = "$(find cache -type f -printf '%p %i %T@\n' | sort)" ]
	run hmm-cache verify -c cache --repair
	[ "$status" = 0 ]
	[ "${#lines[@]}" = 6 ]
	[ "${lines[-1]}" = "hmm-cache: cache: of ${#keys[@]} entries 5 bad and removed: run extract again" ]
	for key in "${bad[@]}"; do [ ! -e "$(entry "$key")" ]; done
	diff <(grep -vE "$(IFS='|'; echo "${bad[*]}")" <<<"$before") <(find cache -type f -printf '%p %i %T@\n' | sort)
	hmm-cache verify -q -c cache
	extract -w vgg.safetensors -c cache -j 2 manifest.tsv | diff - features.tsv
	diff -rx journal.tsv cache want
}

@test "hmm-cache verify: what cannot be read may be right, and is not removed" {
	can_trace
	six
	one=$PWD/$(entry "${keys[0]}")
	verify() { spoil "$one" "$1" hmm-cache verify -j 1 -c "$PWD/cache" --repair "${@:2}"; }
	refuse 1 "$one: cannot read: Input/output error" verify read:error=EIO -q
	refuse 1 "$one: cannot open: Too many open files" verify openat:error=EMFILE -q
	run verify read:error=EIO
	[ "$status" = 1 ]
	[ "${lines[-1]}" = "hmm-cache: $PWD/cache: of 6 entries 0 bad, 1 could not be read" ]
	[ -e "$one" ]
	# nor is bad what is removed meanwhile
	verify ?lstat,?stat,newfstatat:error=ENOENT 2>said
	diff said <(echo "hmm-cache: $PWD/cache: of 5 entries 0 bad")
	# one that is bad and cannot be removed
	change "$one" 400
	run traced -e inject=?unlink,unlinkat:error=EACCES hmm-cache verify -j 1 -c cache --repair
	[ "$status" = 1 ]
	[ "${#lines[@]}" = 3 ]
	[ "${lines[1]}" = "hmm-cache: ${one#"$PWD/"}: cannot remove: Permission denied" ]
	[ "${lines[2]}" = 'hmm-cache: cache: of 6 entries 1 bad' ]
}

@test "hmm-cache verify, stats, trim: whatever stands in a folder is a line, and nothing hangs" {
	six
	cp -r cache clean
	chmod -R u+w cache
	of() { printf 'cache/%s/%s%062d.hmm' "$1" "$1" "$2"; }
	mkdir -p cache/{00,0a,0b,0c} "$(of 0a 0)" "$(of 0a 1)"
	touch "$(of 0a 1)/file" "$(of 0b 0)"
	mkfifo "$(of 0b 1)" cache/0b/pipe
	ln -s nowhere "$(of 0b 2)"
	ln -s "$(basename "$(of 0b 3)")" "$(of 0b 3)"
	ln -s /dev/zero "$(of 0b 4)"
	ln -s "$PWD/clean/${keys[0]:0:2}/${keys[0]}.hmm" "cache/0c/$(basename "$(of 0b 5)")" # of another folder
	mkfifo "cache/${keys[1]}.hmm" cache/fifo
	ln -s . cache/loop
	ln -s ../cache cache/ee # a folder of folders, and again
	echo text >cache/README
	echo text >$'cache/0a/a\tb\nc'
	mkdir cache/notes
	bad=7
	timeout 60 hmm-cache verify -c cache 2>said && return 1
	[ "$(grep -c 'warning: .*: no entry of a cache, or not in its folder$' said)" -ge 9 ]
	[ "$(grep -vc 'warning' said)" = $((bad + 1)) ]
	tail -n 1 said | diff - <(echo "hmm-cache: cache: of 13 entries $bad bad")
	for path in "$(of 0a 0)" "$(of 0a 1)"; do grep -q "^hmm-cache: $path: not a regular file but a folder$" said; done
	for path in cache/README cache/notes cache/loop cache/fifo cache/0b/pipe 'cache/0a/a?b?c'; do grep -qF "$path: no entry" said; done
	timeout 60 hmm-cache stats -c cache >stats.tsv 2>said && return 1
	[ "$(wc -l <said)" = $bad ]
	awk -F'\t' '$2 == "features" { n += $3 } $2 == "damaged" { d += $3 } $2 == "stranger" { s += $3 } END { exit !(n == 6 && d == 7 && s >= 9) }' stats.tsv
	# what is no entry is left alone by all, but a folder with something in it cannot be removed
	timeout 60 hmm-cache verify -q -c cache --repair 2>said && return 1
	[ "$(grep -c 'cannot remove' said)" = 1 ]
	grep -q "^hmm-cache: $(of 0a 1): cannot remove: Directory not empty$" said
	[ ! -e "$(of 0a 0)" ]
	[ ! -p "$(of 0b 1)" ]
	[ -p cache/0b/pipe ]
	[ -p cache/fifo ]
	[ -e cache/README ]
	rm -r "$(of 0a 1)"
	hmm-cache verify -q -c cache 2>said
	! grep -v warning said || return 1
	timeout 60 hmm-cache trim -q -c cache --older 0 >removed.tsv
	[ "$(grep -c hmm removed.tsv)" = 6 ]
	[ -z "$(find cache -type f -name '*.hmm')" ]
	[ -e cache/README ]
	[ "$(find clean -type f | wc -l)" = 6 ]
	can_trace
	# a folder that cannot be read is a line as well, and the others are looked at
	refuse 1 "clean/${keys[0]:0:2}: cannot read: Permission denied" \
		spoil "$PWD/clean/${keys[0]:0:2}" openat:error=EACCES hmm-cache stats -c "$PWD/clean"
	[ "$(awk -F'\t' 'NR > 1 { n += $3 } END { print n }' refused.out)" = 5 ]
}

@test "hmm-cache verify: the entries of a manifest, and of each cache; only the first is repaired" {
	two
	hmm-cache put -c cache <both.hmm
	cp -r cache below
	sed -n 1,2p named.tsv >first.tsv
	change "$(entry "${keys[1]}")" 400
	hmm-cache verify -c cache first.tsv 2>said
	diff said <(echo 'hmm-cache: cache: of 1 entries 0 bad')
	hmm-cache verify -q -c cache - <first.tsv
	refuse 1 "${keys[1]}.hmm: checksum" hmm-cache verify -q -c cache named.tsv
	change "$(entry "${keys[1]}" | sed s/cache/below/)" 400
	run hmm-cache verify -c cache -c below --repair
	[ "$status" = 1 ]
	[[ "$output" == *'cache: of 2 entries 1 bad and removed: run extract again'*'below: of 2 entries 1 bad' ]]
	[ ! -e "$(entry "${keys[1]}")" ]
	[ -e "$(entry "${keys[1]}" | sed s/cache/below/)" ]
	hmm-cache verify -q -c cache
	# names that are none, or not there: where any cache has them they are
	run hmm-cache verify -c cache named.tsv
	[ "$status" = 1 ]
	diff <(echo "$output") - <<-'END'
		hmm-cache: cache: of 1 entries 0 bad
		hmm-cache: named.tsv: 1 of the 2 features that it names are in no cache: run extract
	END
	mkdir empty
	refuse 1 'standard input: 2 of the 2 features' hmm-cache verify -q -c empty - <named.tsv
	hmm-cache verify -c empty -c cache first.tsv 2>said
	diff said <(printf 'hmm-cache: %s\n' 'empty: of 0 entries 0 bad' 'cache: of 1 entries 0 bad')
	for words in '-c typo' '-c cache -c typo'; do
		# shellcheck disable=SC2086
		refuse 1 '^hmm-cache: typo: cannot read: No such file' hmm-cache verify -q $words <(head -n "$((${#words} < 8 ? 1 : 2))" named.tsv)
	done
	hmm-cache verify -q -c cache <(printf 'features\nn/a\n')
	refuse 1 "row 1: features '../x', want a name" hmm-cache verify -q -c cache <(printf 'features\n../x\n')
	refuse 1 "no column 'features'" hmm-cache verify -q -c cache <(printf 'path\nx\n')
}

@test "hmm-cache stats: how many files and bytes, by who made them, of each cache" {
	six
	hmm-slice --axis coronal --source "$(printf '5%063d' 0)" "${volumes[0]}" | hmm-vgg --exact -w vgg.safetensors | hmm-cache put -c cache
	find cache -name "5000*" -exec touch -d '2026-01-02 03:04:05 UTC' {} +
	find cache -name "1000*" -exec touch -d '2025-01-02 03:04:05 UTC' {} +
	find cache -name "2000*" -exec touch -d '2027-01-02 03:04:05 UTC' {} +
	echo text >cache/README
	touch "$(entry "${keys[0]}").tmp-1-0"
	weights=$(sha256sum <vgg.safetensors | cut -c 1-64)
	bytes() { find cache -name "$1" -printf '%s\n' | awk '{ n += $1 } END { print n }'; }
	cut='hmm-slice axis=axial nan=error resize=256 crop=224'
	hmm-cache stats -c cache >stats.tsv
	head -n 1 stats.tsv | diff - <(tr ' ' '\t' <<<'cache what files bytes oldest newest weights numerics made')
	{
		printf 'cache\tfeatures\t4\t%s\t2025-01-02T03:04:05Z\t2027-01-02T03:04:05Z\t%s\t4 | 4\t%s\n' "$(bytes '[1-4]000*.hmm')" "$weights" "$cut | hmm-vgg"
		grep -F per-slice stats.tsv
		printf 'cache\tfeatures\t1\t%s\t2026-01-02T03:04:05Z\t2026-01-02T03:04:05Z\t%s\t4 | 4.1\t%s\n' "$(bytes '5000*')" "$weights" "${cut/axial/coronal} | hmm-vgg exact"
		grep -P '\tstranger\t1\t5\t' stats.tsv
		grep -P '\ttemporary\t1\t0\t' stats.tsv
	} | diff - <(tail -n +2 stats.tsv)
	[ "$(grep -F per-slice stats.tsv | cut -f 3,4)" = "2"$'\t'"$(for i in 1 2; do find cache -size +0 -name '*.hmm' ! -name '[1-5]000*'; done | sort -u | xargs cat | wc -c)" ]
	for jobs in 1 3; do hmm-cache stats -c cache -j $jobs | diff - stats.tsv; done
	mkdir 'an empty one'
	hmm-cache stats -c 'an empty one' -c cache | diff - stats.tsv
	hmm-cache stats -c cache -c cache | diff - <(cat stats.tsv; tail -n +2 stats.tsv)
	refuse 1 'nowhere: cannot read' hmm-cache stats -c nowhere
	# the header alone is read: what is behind it does not matter
	change "$(entry "${keys[0]}")" "$(($(stat -c %s "$(entry "${keys[0]}")") - 5))"
	hmm-cache stats -c cache | cut -f 3 | diff - <(cut -f 3 stats.tsv)
	# and shown as text
	sed -i 's/axis=axial/\x1b[31maxial/' "$(entry "${keys[0]}")"
	hmm-cache stats -c cache | grep -qF 'hmm-slice \x1b[31maxial nan'
	! hmm-cache stats -c cache | grep -q $'\e' || return 1
}

# What is in the cache, by the first digit of its name.
digits() {
	find cache -name '*.hmm' | sed 's/.*\///' | cut -c 1 | sort | paste -sd' '
}
# Six entries of one size, used 6 to 1 days ago: names that begin with 1 to 6.
aged() {
	two
	for i in {1..6}; do hmm-slice --source "$(printf "$i%063d" 0)" "${volumes[0]}"; done | hmm-vgg -w vgg.safetensors | hmm-cache put -c cache
	for i in {1..6}; do touch -d "$((7 - i)) days ago" "$(entry "$(printf "$i%063d" 0)")"; done
	bytes=$(stat -c %s "$(entry "$(printf '1%063d' 0)")")
}

@test "hmm-cache trim: the oldest go, by size or by age; what a manifest names stays" {
	aged
	hmm-cache trim -c cache --size $((6 * bytes)) 2>said | diff - <(printf 'path\tbytes\tused\n')
	diff said <(echo "hmm-cache: cache: removed 0 entries and 0 temporary files, 0 bytes; 6 entries of $((6 * bytes)) bytes stay")
	hmm-cache trim -c cache --size $((6 * bytes - 1)) --dry-run 2>said >dry.tsv
	grep -q 'would remove 1 entries.* 5 entries' said
	[ "$(digits)" = '1 2 3 4 5 6' ]
	used=$(date -u -r "$(entry "$(printf '1%063d' 0)")" +%Y-%m-%dT%H:%M:%SZ)
	hmm-cache trim -c cache --size $((6 * bytes - 1)) 2>/dev/null | diff - dry.tsv
	diff dry.tsv <(printf 'path\tbytes\tused\n%s\t%s\t%s\n' "$(entry "$(printf '1%063d' 0)")" "$bytes" "$used")
	[ "$(digits)" = '2 3 4 5 6' ]
	hmm-cache trim -q -c cache --older 4.5 >removed.tsv
	[ "$(wc -l <removed.tsv)" = 2 ]
	[ "$(digits)" = '3 4 5 6' ]
	printf 'path\tfeatures\nx\tn/a\nx\t%s\n' "$(printf '3%063d' 0)" >three.tsv
	printf 'features\n%s\n%s\n' "$(printf '5%063d' 0)" "$(printf '9%063d' 0)" >five.tsv
	hmm-cache trim -q -c cache --older 0.5 --keep three.tsv --keep five.tsv >removed.tsv
	[ "$(digits)" = '3 5' ]
	[ "$(wc -l <removed.tsv)" = 3 ]
	refuse 1 "cache: what stays takes $((2 * bytes)) bytes, want at most $bytes" \
		hmm-cache trim -q -c cache --size "$bytes" --keep three.tsv --keep five.tsv
	[ "$(digits)" = '3 5' ]
	hmm-cache trim -q -c cache --size "$bytes" --older 1000 --keep three.tsv >removed.tsv
	[ "$(digits)" = '3' ]
	hmm-cache trim -q -c cache --size 0 >removed.tsv
	[ "$(digits)" = '' ]
	refuse 1 'nowhere: cannot read' hmm-cache trim -q -c nowhere --size 0
}

@test "hmm-cache trim: nothing goes where a manifest cannot be read, or was not asked for well" {
	aged
	for keep in nowhere.tsv <(echo path) <(printf 'features\nabc\n'); do
		refuse 1 'cannot open|no column|want a name' hmm-cache trim -c cache --size 0 --keep "$keep"
	done
	refuse 2 'trim: want --size BYTES or --older DAYS' hmm-cache trim -c cache
	refuse 2 'trim: want one -c DIR' hmm-cache trim -c cache -c below --size 0
	refuse 2 "found '1kB', want a number of bytes" hmm-cache trim -c cache --size 1kB
	refuse 2 'trim: found 1 operands, want none' hmm-cache trim -c cache --size 0 three.tsv
	refuse 1 'No space left' sh -c 'hmm-cache trim -q -c cache --size 0 --dry-run >/dev/full'
	[ "$(digits)" = '1 2 3 4 5 6' ]
	can_trace
	# what was used since it was looked at stays; what cannot be removed is said, and the others go
	one=$PWD/$(entry "$(printf '1%063d' 0)")
	spoil "$one" ?stat,newfstatat:error=ENOENT:when=2+ hmm-cache trim -q -c "$PWD/cache" --older 5.5 >removed.tsv
	[ "$(digits)" = '1 2 3 4 5 6' ]
	refuse 1 "$one: cannot remove: Permission denied" \
		spoil "$one" ?unlink,unlinkat:error=EACCES hmm-cache trim -q -c "$PWD/cache" --older 4.5
	[ "$(digits)" = '1 3 4 5 6' ]
}

@test "hmm-cache trim: what killed jobs left goes when it is older than a day" {
	aged
	one=$(entry "$(printf '1%063d' 0)")
	folder=${one%/*}
	for name in "$one.tmp-12-0" "$one.tmp-12-1" "$folder/.${one##*/}.Ab3dE9" "$folder/notes"; do echo text >"$name"; done
	touch -d '25 hours ago' "$one.tmp-12-0" "$folder/.${one##*/}.Ab3dE9" "$folder/notes"
	hmm-cache trim -c cache --older 100 --dry-run 2>said >removed.tsv
	[ "$(wc -l <removed.tsv)" = 3 ]
	grep -q 'would remove 0 entries and 2 temporary files, 10 bytes' said
	hmm-cache trim -q -c cache --older 100 | diff - removed.tsv
	[ "$(ls -A "$folder")" = "$(printf '%s\n' "${one##*/}" "${one##*/}.tmp-12-1" notes)" ]
	# of the journal beside the entries likewise
	for name in '' .tmp-12-0 .tmp-12-1; do echo text >"cache/journal.tsv$name"; done
	touch -d '25 hours ago' cache/journal.tsv{,.tmp-12-0}
	hmm-cache verify -c cache 2>said
	diff said <(
		echo "hmm-cache: warning: $folder/notes: no entry of a cache, or not in its folder"
		echo 'hmm-cache: cache: of 6 entries 0 bad'
	)
	hmm-cache stats -c cache | grep -cP '\ttemporary\t3\t|\tstranger\t1\t' | grep -qx 2
	hmm-cache trim -q -c cache --older 100 | grep -c journal | grep -qx 1
	[ "$(ls cache/journal.tsv*)" = $'cache/journal.tsv\ncache/journal.tsv.tmp-12-1' ]
	[ "$(digits)" = '1 2 3 4 5 6' ]
}

@test "hmm-cache: a cache is copied by rsync, by the names of its entries alone" {
	command -v rsync >/dev/null || skip 'no rsync'
	six
	touch "$(entry "${keys[0]}").tmp-1-0" cache/README
	copy() { rsync -r --ignore-existing --include='*/' --include='*.hmm' --exclude='*' "$@" cache/ other/; }
	copy --itemize-changes >sent
	[ "$(grep -c '^>f.*[.]hmm$' sent)" = 6 ]
	[ "$(find other -type f | wc -l)" = 6 ]
	[ "$(find other -type f -printf '%m\n' | sort -u)" = 444 ]
	diff -r cache other | grep -v '^Only in cache' && return 1
	hmm-cache verify -q -c other
	copy --itemize-changes | grep '^>f' && return 1
	# what is there is never written again, whatever it is
	rm -f "$(entry "${keys[1]}")"
	change "other/${keys[2]:0:2}/${keys[2]}.hmm" 400
	before=$(find other -type f -printf '%p %i %T@\n' | sort)
	copy
	[ "$before" = "$(find other -type f -printf '%p %i %T@\n' | sort)" ]
	# both ways, and each has what either had
	hmm-cache verify -q -c other --repair 2>/dev/null
	copy
	rsync -r --ignore-existing --include='*/' --include='*.hmm' --exclude='*' other/ cache/
	diff -r cache other | grep -v '^Only in cache' && return 1
	[ "$(find cache -name '*.hmm' | wc -l)" = 6 ]
	# one that is killed in the midst of a file leaves nothing under an entry's name
	rm -rf other
	chmod u+w "$(entry "${keys[0]}")"
	head -c 3000000 /dev/zero >>"$(entry "${keys[0]}")"
	timeout -s KILL 2 rsync -r --bwlimit=100 --ignore-existing --include='*/' --include='*.hmm' --exclude='*' cache/ other/ 2>/dev/null && return 1
	for file in $(find other -name '*.hmm' ! -name '.*'); do cmp "$file" "cache/${file#other/}"; done
	[ ! -e "other/${keys[0]:0:2}/${keys[0]}.hmm" ]
}
