load helper

# An imputed image is a row of the manifest, marked by its generator's digest, and is never taken for
# a real one: what each program does with such rows and records.

one=$(printf 'a%.0s' {1..64}) two=$(printf 'b%.0s' {1..64})

# Three patients; s2 and s3 have no PET, and it was imputed from their T1w, s3's by two generators.
marked() {
	{
		printf 'subject\tmodality\tlabel\tgroup\tsplit\tpath\timputed\n'
		printf 's1\tPET\t1\tn/a\ttrain\tp1\tn/a\n'
		printf 's1\tT1w\t1\tn/a\ttrain\tt1\tn/a\n'
		printf 's2\tPET\t0\tn/a\tval\tt2\t%s\n' "$one"
		printf 's2\tT1w\t0\tn/a\tval\tt2\tn/a\n'
		printf 's3\tPET\t1\tn/a\ttest\tt3\t%s\n' "$one"
		printf 's3\tPET\t1\tn/a\ttest\tt3\t%s\n' "$two"
		printf 's3\tT1w\t1\tn/a\ttest\tt3\tn/a\n'
		printf 's3\tFLAIR\t1\tn/a\ttest\tf3\tn/a\n'
	} >marked.tsv
}

# Features of one number a row, as a stream NAME.hmm: features NAME ROW..., of
# "subject modality label split source imputed"
features() {
	local name=$1 row
	shift
	printf '\x93NUMPY\x01\x00v\x00%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1), }" >one.npy
	printf '\x00\x00\x80\x3f' >>one.npy
	{
		printf 'subject\tmodality\tlabel\tsplit\tsource\timputed\tnpy\n'
		for row; do printf '%b\tone.npy\n' "${row// /\\t}"; done
	} >"$name.tsv"
	hmm-show --from-npy features --name tiny "$name.tsv" >"$name.hmm"
}

@test "imputed: a manifest's image is its path, its modality and its generator" {
	marked
	hmm-split --ratio 1:1:1 marked.tsv >split.tsv
	diff <(cut -f 1-4,6- marked.tsv) <(cut -f 1-4,6- split.tsv)
	sed "s/$two/$one/" marked.tsv >twice.tsv
	for program in 'hmm-split --ratio 1:1:1' 'hmm-drop --modality PET --rate 0'; do
		refuse 1 "path 't3' stands in rows 5 and 6, imputed as 'PET' by aaaaaaaaaaaa$" $program twice.tsv
		# of a real image one line is enough, whatever it says of it
		refuse 1 "path 't2' stands in rows 3 and 4$" $program <(sed "4s/$one/n\/a/" marked.tsv)
		for word in yes 1 "${one:1}" "${one}a" "A${one:1}" "g${one:1}"; do
			refuse 1 "row 3: imputed '$word', want n/a or the 64 hexadecimal digits" $program <(sed "4s/$one/$word/" marked.tsv)
		done
	done
	# one generator may impute two modalities of an image
	sed "7s/$two/$one/; 7s/PET/FDG/" marked.tsv | hmm-split --ratio 1:1:1 >/dev/null
	# every spelling of missing is real
	for word in '' NA nan . - 'n/a '; do
		sed "s|n/a\$|$word|" marked.tsv | hmm-drop --modality PET --rate 1 | diff <(hmm-drop --modality PET --rate 1 marked.tsv | cut -f 1-6) <(cut -f 1-6)
	done
}

@test "imputed: hmm-drop takes it for nothing that a subject has, and away with its source" {
	marked
	# the PETs of s2 and s3 are no PETs: one subject has one, and keeps its T1w
	hmm-drop --modality PET --rate 1 marked.tsv >out
	diff out <(sed 2d marked.tsv)
	# of what was dropped nothing is imputed; who has nothing else but that keeps its own
	run hmm-drop --modality T1w --rate 1 marked.tsv
	[ "${lines[0]}" = "hmm-drop: warning: split val: 'T1w' dropped from 0 subjects, want 1 of 1: the rest has nothing else" ]
	hmm-drop -q --modality T1w --rate 1 marked.tsv 2>/dev/null | diff - <(sed '3d;6,8d' marked.tsv)
	hmm-drop -q --each --modality T1w --rate 1 marked.tsv 2>/dev/null | diff - <(sed '3d;6,8d' marked.tsv)
	refuse 1 "no real image's modality matches 'PET'" hmm-drop --modality PET --rate 1 <(sed 2d marked.tsv)
}

@test "imputed: hmm-show prints it behind what it printed before, and reads it back" {
	features some "s PET 1 train p n/a" "s PET 1 train t $one"
	hmm-show some.hmm | awk -F'\t' '!/^#/ { print $NF }' | diff - <(printf '%s\n' imputed n/a "$one")
	[ "$(hmm-show --json some.hmm | grep -c "\"imputed\": *\"$one\"")" = 1 ]
	mkdir arrays
	hmm-show --npy arrays some.hmm | grep -v '^#' | hmm-show --from-npy features --name tiny | cmp - some.hmm
	sed "s/$one/mine/" some.tsv >wrong.tsv
	refuse 1 "record 2 \(s PET\): imputed 'mine', want the 64 hexadecimal digits of a generator's weights" \
		hmm-show --from-npy features --name tiny wrong.tsv
}

@test "imputed: an entry of the cache is real or imputed, and hmm-gather wants what the row says" {
	real=$(printf 'c%.0s' {1..64}) fake=$(printf 'd%.0s' {1..64})
	features some "n/a n/a n/a n/a $real n/a" "n/a n/a n/a n/a $fake $one"
	hmm-cache put -c cache <some.hmm
	row() { printf 'subject\tmodality\tpath\timputed\tfeatures\ns\tPET\tp\t%s\t%s\n' "$@" >row.tsv; }
	row n/a "$real"
	hmm-gather -c cache row.tsv | hmm-show | awk -F'\t' '/^s\t/ { print $3, $NF }' | diff - <(echo PET n/a)
	cut -f 1-3,5 row.tsv | hmm-gather -c cache | cmp - <(hmm-gather -c cache row.tsv)
	row "$one" "$fake"
	hmm-gather -c cache row.tsv | hmm-show | awk -F'\t' '/^s\t/ { print $3, $NF }' | diff - <(echo "PET $one")
	row "$one" "$real"
	refuse 1 "row 1 \(p\): found features of a real image in cache/cc/c*.hmm, want those of one imputed by aaaaaaaaaaaa$" hmm-gather -c cache row.tsv
	row n/a "$fake"
	refuse 1 "row 1 \(p\): found features of an image imputed by aaaaaaaaaaaa in cache/dd/d*.hmm, want those of a real one$" hmm-gather -c cache row.tsv
	row "$two" "$fake"
	refuse 1 "found features of an image imputed by aaaaaaaaaaaa in .*, want those of one imputed by bbbbbbbbbbbb$" hmm-gather -c cache row.tsv
	cut -f 1-3,5 row.tsv >plain.tsv
	refuse 1 "want those of a real one$" hmm-gather -c cache plain.tsv
}

@test "imputed: hmm-slice cuts the image that is, as what it is" {
	cp "$root/tests/golden/slice.png" real.png
	printf 'path\tmodality\timputed\nreal.png\tT1w\tn/a\nreal.png\tPET\t%s\n' "$one" >m.tsv
	refuse 1 "m.tsv: row 2 \(real.png\): imputed by aaaaaaaaaaaa and no image of its own: --as MODALITY" hmm-slice --manifest m.tsv
	refuse 1 "row 2 \(real.png\): imputed by" hmm-slice --list-files --manifest m.tsv
	refuse 1 "row 2: imputed 'a'" hmm-slice --as T1w --manifest <(sed "s/$one/a/" m.tsv)
	hmm-slice --as T1w --manifest m.tsv >cut
	hmm-show cut | awk -F'\t' '/real.png/ { print $3, $6, $NF }' | diff - <(printf '%s\n' 'n/a real.png n/a' 'T1w real.png n/a')
	sed 2d m.tsv | hmm-slice --as T1w --manifest - | cmp - <(hmm-slice T1w=real.png)
	# what is real is cut as ever
	sed 3d m.tsv | hmm-slice --as T1w --manifest - | cmp - <(hmm-slice real.png)
	refuse 2 "go with --manifest" hmm-slice --as T1w real.png
}

# Eight subjects with T1w and PET, as a stream patients.hmm; of one each of train, val and test the PET
# is imputed.
patients() {
	local rows=() i split
	for i in 1 2 3 4 5 6 7 8; do
		case $i in [1-4]) split=train ;; [56]) split=val ;; *) split=test ;; esac
		rows+=("s$i T1w $((i % 2)) $split t$i n/a")
		case $i in
		[157]) rows+=("s$i PET $((i % 2)) $split t$i $one") ;;
		*) rows+=("s$i PET $((i % 2)) $split p$i n/a") ;;
		esac
	done
	features patients "${rows[@]}"
}

@test "imputed: what learns and predicts takes none unless it is told to, and says so" {
	patients
	grep -v "$one" patients.tsv | hmm-show --from-npy features --name tiny >real.hmm
	local said="subject s1: PET was imputed by aaaaaaaaaaaa from t1, want real images \(--imputed takes both\)$"
	train() { # PROGRAM WORD...
		local program=$1
		shift
		rm -f model.safetensors
		refuse 1 "^$program: $said" sh -c "$program --train -q --epochs 1 $* -o model.safetensors <patients.hmm"
		[ ! -e model.safetensors ]
		"$program" --train -q --epochs 1 "$@" -o model.safetensors <real.hmm
		"$program" --train -q --epochs 1 --imputed "$@" -o both.safetensors <patients.hmm
		hmm-show model.safetensors | grep -P '^# options\t' | grep -vq imputed
		hmm-show both.safetensors | grep -P '^# options\t' | grep -q imputed
	}
	train hmm-vae --hidden 2 --latents 1
	refuse 1 "^hmm-vae: $said" sh -c 'hmm-vae -w both.safetensors <patients.hmm'
	hmm-vae --imputed -w both.safetensors <patients.hmm | cut -f 1,7,8 >have
	printf 'subject\tmodalities\timputed\n' >want
	for i in 1 2 3 4 5 6 7 8; do
		case $i in [157]) printf "s$i\tPET+T1w\tPET\n" ;; *) printf "s$i\tPET+T1w\tn/a\n" ;; esac
	done >>want
	diff want have
	for model in hypermm multi-cnn cnn; do
		train hmm-joint --model $model --hidden 2
		refuse 1 "^hmm-joint: $said" sh -c 'hmm-joint -w both.safetensors <patients.hmm'
		hmm-joint --imputed -w both.safetensors <patients.hmm | cut -f 1,7,8 | diff want -
	done
	train hmm-condition
	refuse 1 "^hmm-condition: record 2 \(s1 PET\): PET was imputed by aaaaaaaaaaaa from t1, want real images" \
		sh -c 'hmm-condition -w both.safetensors <patients.hmm'
	# the mark goes on to latents, sets and predictions, and the history says that it was asked for
	hmm-condition --imputed -w both.safetensors <patients.hmm >latents.hmm
	hmm-show latents.hmm | grep -q "^# hmm-condition.*imputed"
	diff <(hmm-show patients.hmm | awk -F'\t' '/^s[0-9]/ { print $1, $3, $NF }') <(hmm-show latents.hmm | awk -F'\t' '/^s[0-9]/ { print $1, $3, $NF }')
	hmm-setsum <latents.hmm >sets.hmm
	hmm-show sets.hmm | awk -F'\t' -v OFS='\t' '/^s[0-9]/ { print $1, $3, $NF }' | diff <(tail -n +2 want) -
	hmm-setsum --subsets singles <latents.hmm | hmm-show | awk -F'\t' '/^s1\t/ { print $3, $NF }' |
		diff - <(printf '%s\n' 'PET+T1w PET' 'PET PET' 'T1w n/a')
	hmm-rho --train -q --epochs 1 --hidden 2 -o rho.safetensors <sets.hmm
	hmm-rho -w rho.safetensors <sets.hmm | cut -f 1,7,8 | diff want -
}

@test "imputed: no set takes a real image and an imputed one, or those of two generators" {
	patients
	features real "s2 PET 0 train p2 n/a" "s2 PET 0 train p3 n/a" "s2 T1w 0 train t2 n/a"
	features twice "s2 PET 0 train t2 $one" "s2 PET 0 train t3 $one" "s2 T1w 0 train t2 n/a"
	features mixed "s2 PET 0 train p2 n/a" "s2 PET 0 train t2 $one" "s2 T1w 0 train t2 n/a"
	features mixed2 "s2 PET 0 train t2 $one" "s2 PET 0 train t2 $two" "s2 T1w 0 train t2 n/a"
	hmm-condition --train -q --imputed --epochs 1 -o phi.safetensors <patients.hmm
	hmm-joint --train -q --imputed --epochs 1 --model hypermm --hidden 2 -o joint.safetensors <patients.hmm
	hmm-vae --train -q --imputed --epochs 1 --hidden 2 --latents 1 -o vae.safetensors <patients.hmm
	local mixed='subject s2: PET is imputed and also there'
	for name in real twice mixed mixed2; do
		hmm-condition --imputed -w phi.safetensors <$name.hmm >$name.latents
	done
	for name in real twice; do
		hmm-setsum <$name.latents >/dev/null
		hmm-joint --imputed -w joint.safetensors <$name.hmm >/dev/null
	done
	refuse 1 "hmm-setsum: $mixed real, want one of them in a set$" sh -c 'hmm-setsum <mixed.latents'
	refuse 1 "hmm-setsum: $mixed by two generators, want one of them in a set$" sh -c 'hmm-setsum <mixed2.latents'
	for model in joint vae; do
		refuse 1 "hmm-$model: $mixed real" sh -c "hmm-$model --imputed -w $model.safetensors <mixed.hmm"
		refuse 1 "hmm-$model: $mixed by two generators" sh -c "hmm-$model --imputed -w $model.safetensors <mixed2.hmm"
	done
}

# What hmm-gan --show-history prints of a generator: entry DIGEST FROM TO [OPTIONS [NUMERICS]]
entry() {
	printf '{"program":"hmm-gan","version":"1","numerics":"%s","options":"from=%s to=%s %s","weights":"%s"}\n' \
		"${5:-4}" "$2" "$3" "${4:-seed=0 size=256 core=Haswell}" "$1"
}

@test "imputed: the name of its features says by whom it was imputed, and a real one's is as ever" {
	cp "$root/tests/golden/slice.png" real.png
	cut=$(hmm-slice --show-history) made='{"program":"hmm-vgg","numerics":"4","options":"","weights":"'$two'"}'
	keys() { hmm-cache name --slice "$cut" --vgg "$made" "$@" m.tsv | awk -F'\t' 'NR > 1 { print $NF }'; }
	printf 'path\tmodality\timputed\nreal.png\tT1w\tn/a\nreal.png\tPET\t%s\nreal.png\tFLAIR\t%s\n' "$one" "$one" >all.tsv
	entry "$one" T1w FLAIR >gans
	entry "$two" 'T1w ce' 'a b' >>gans
	entry "$one" T1w PET >>gans
	sum() { printf '%s\0' image "$(sha256sum <real.png | cut -d' ' -f1)" hmm-slice 4 'axis=axial nan=error resize=256 crop=224' '' "$@" hmm-vgg 4 '' "$two" | sha256sum | cut -d' ' -f1; }
	cp all.tsv m.tsv
	want="$(sum)
$(sum hmm-gan 4 'from=T1w to=PET seed=0 size=256 core=Haswell' "$one")
$(sum hmm-gan 4 'from=T1w to=FLAIR seed=0 size=256 core=Haswell' "$one")"
	[ "$(keys --gan gans)" = "$want" ]
	[ "$(keys --gan gans | sort -u | wc -l)" = 3 ]
	# modalities with blanks in them are whole names
	printf 'path\tmodality\timputed\nreal.png\ta b\t%s\n' "$two" >m.tsv
	[ "$(keys --gan gans)" = "$(sum hmm-gan 4 'from=T1w ce to=a b seed=0 size=256 core=Haswell' "$two")" ]
	cp all.tsv m.tsv
	# generator, target, core and numerics decide it, the version does not
	sed 's/"version":"1"/"version":"2"/' gans >other
	[ "$(keys --gan other)" = "$want" ]
	for change in s/Haswell/SkylakeX/ s/seed=0/seed=1/ s/from=T1w/from=T2w/ 's/"numerics":"4"/"numerics":"5"/'; do
		sed "$change" gans >other
		[ "$(keys --gan other | head -n 1)" = "$(head -n 1 <<<"$want")" ]
		[ "$(keys --gan other | sed -n 2p)" != "$(sed -n 2p <<<"$want")" ]
	done
	# where nothing is imputed, names are those of before
	sed -i '3,$d' m.tsv
	[ "$(keys)" = "$(sum)" ]
	[ "$(keys --gan gans)" = "$(sum)" ]
	cut -f 1 m.tsv >bare.tsv
	mv bare.tsv m.tsv
	[ "$(keys)" = "$(sum)" ]
}

@test "imputed: a generator that is not given, given twice or no generator is an error" {
	cp "$root/tests/golden/slice.png" real.png
	printf 'path\tmodality\timputed\nreal.png\tPET\t%s\n' "$one" >m.tsv
	name() { hmm-cache name -q --slice "$(hmm-slice --show-history)" --vgg '{"program":"hmm-vgg","numerics":"4","weights":"'"$two"'"}' "$@" m.tsv; }
	local said="m.tsv: row 1 \(real.png\): imputed as 'PET' by aaaaaaaaaaaa, want a generator of that digest that imputes that, in --gan FILE$"
	refuse 1 "$said" name
	entry "$two" T1w PET >gans
	entry "$one" T1w FLAIR >>gans
	refuse 1 "$said" name --gan gans
	entry "$one" T1w PET | tee -a gans | sed 's/size=256/size=64/' >>gans
	refuse 1 "gans: lines 3 and 4: one generator, aaaaaaaaaaaa, imputes PET twice" name --gan gans
	for line in '' '{}' '[1]' "$(hmm-slice --show-history)" "$(entry abc T1w PET)" "$(entry "$one" '' PET)" \
		"$(entry "$one" T1w PET | sed 's/to=PET//')" "$(entry "$one" T1w 'PE\u0007T')"; do
		printf '%s\n' "$line" >gans
		refuse 1 'gans: line 1|hmm-gan --show-history prints' name --gan gans
	done
	: >gans
	refuse 1 "gans: empty" name --gan gans
	entry "$one" T1w PET | tr -d '\n' >gans
	refuse 1 "gans: line 1: .* without its end" name --gan gans
	head -c 100000 /dev/zero | tr '\0' x >gans
	refuse 1 "gans: line 1: longer than" name --gan gans
	refuse 1 "none: cannot open" name --gan none
	refuse 1 "cannot read" name --gan .
}

@test "imputed: hmm-manifest --impute adds a row an image, for who lacks the real one" {
	{
		printf 'subject\tmodality\tlabel\tgroup\tsplit\tpath\tage\tfeatures\n'
		printf 's1\tPET\t1\tg1\ttrain\tp1\t60\tx\ns1\tT1w\t1\tg1\ttrain\tt1\t60\ty\n'
		printf 's2\tT1w\t0\tg2\tval\ta\\\\tb\t61\tz\ns2\tT1w\t0\tg2\tval\tc d\t61\tn/a\n'
		printf 's3\tFLAIR\t1\tg3\ttest\tf3\tn/a\tw\n'
	} >m.tsv
	entry "$one" T1w PET >gans
	entry "$two" FLAIR T1w >>gans
	hmm-manifest --impute gans m.tsv >have 2>said
	{
		sed '1s/$/\timputed/; 2,$s/$/\tn\/a/' m.tsv
		printf 's2\tPET\t0\tg2\tval\ta\\\\tb\t61\tn/a\t%s\ns2\tPET\t0\tg2\tval\tc d\t61\tn/a\t%s\n' "$one" "$one"
		printf 's3\tT1w\t1\tg3\ttest\tf3\tn/a\tn/a\t%s\n' "$two"
	} >want
	diff want have
	diff said - <<-END
		hmm-manifest: PET by aaaaaaaaaaaa from T1w: 2 images of 1 subject; 1 have their own
		hmm-manifest: T1w by bbbbbbbbbbbb from FLAIR: 1 image of 1 subject; 2 have their own
	END
	# once is enough; what is imputed is imputed from nothing imputed, and nobody's own
	hmm-manifest --impute gans have 2>/dev/null | cmp - have
	hmm-manifest --impute gans <m.tsv 2>/dev/null | cmp - have
	entry "$two" T1w PET >other
	[ "$(hmm-manifest --impute other have 2>/dev/null | tail -n 2 | cut -f 6,9)" = "$(printf 'a\\\\tb\t%s\nc d\t%s' "$two" "$two")" ]
	[ "$(hmm-manifest --impute gans --all m.tsv 2>/dev/null | tail -n 4 | cut -f 1,2,6 | tr '\t' ' ')" = "s1 PET t1
s2 PET a\\\\tb
s2 PET c d
s3 T1w f3" ]
	hmm-check --no-images have >/dev/null || [ "$(hmm-check --no-images have | grep -c imputed-)" = 0 ]
	# an experiment from there on
	hmm-drop -q --modality PET --rate 1 m.tsv | hmm-manifest --impute gans 2>/dev/null | grep -q "^s1	PET.*$one"
	entry "$one" T2w PET >none
	refuse 1 "m.tsv: no real image of 'T2w', from which aaaaaaaaaaaa imputes 'PET'$" hmm-manifest --impute none m.tsv
	refuse 1 "row 1: imputed 'x'" hmm-manifest --impute gans <(sed '1s/$/\timputed/; 2,$s/$/\tx/' m.tsv)
	refuse 1 "nowhere: cannot open" hmm-manifest --impute nowhere m.tsv
	refuse 2 "want one of --bids" hmm-manifest --impute gans --bids b
	refuse 2 "want one manifest at most" hmm-manifest --impute gans m.tsv m.tsv
	refuse 2 "all does nothing without --impute" hmm-manifest --bids b --all
	refuse 2 "manifest says the label" hmm-manifest --impute gans --label x m.tsv
}

@test "imputed: extract computes the features of what generators impute, several in one run" {
	hmm-gan --version >/dev/null 2>&1 || skip "no hmm-gan here"
	tiny_study
	sed 's/\t\(val\|test\)\t/\ttrain\t/' manifest.tsv | hmm-slice -q --manifest - --stamp >slices.hmm
	hmm-gan --train table -q --from T1w --to trc-18FFDG_pet -o pet.safetensors <slices.hmm
	hmm-gan --train table -q --from trc-18FFDG_pet --to T1w -o t1w.safetensors <slices.hmm
	pet='-w pet.safetensors --to trc-18FFDG_pet' t1w='-w t1w.safetensors --to T1w'
	for words in "$pet" "$t1w"; do hmm-gan $words --show-history; done >gans
	hmm-drop --modality '*pet' --rate 0.5 manifest.tsv | hmm-manifest -q --impute gans >imputed.tsv
	extract -w vgg.safetensors -c cache -j 2 --gan "$pet" --gan "$t1w" imputed.tsv >features.tsv
	[ "$(wc -l <features.tsv)" = "$(wc -l <imputed.tsv)" ]
	extract --names -w vgg.safetensors -c cache --gan "$t1w" --gan "$pet" imputed.tsv | cmp - features.tsv
	extract --names -w vgg.safetensors -c cache manifest.tsv | awk -F'\t' '{ print $NF }' | sort >real
	comm -12 real <(awk -F'\t' '{ print $NF }' features.tsv | sort) | wc -l | grep -qx "$(($(awk -F'\t' '$(NF - 1) == "n/a"' features.tsv | wc -l) + 1))"
	# each is what the pipe by hand gives
	awk -F'\t' '$(NF - 1) != "n/a"' features.tsv | while IFS=$'\t' read -r subject modality _ _ _ path _; do
		if [ "$modality" = T1w ]; then from=trc-18FFDG_pet words=$t1w; else from=T1w words=$pet; fi
		hmm-slice -q "$from=$path" 2>/dev/null | hmm-gan $words | hmm-vgg -w vgg.safetensors | hmm-show | tail -n 1 | cut -f 9- >hand
		hmm-gather -c cache features.tsv | hmm-show | grep "^$subject	n/a	$modality	\|^$subject	[^	]*	$modality	" | cut -f 9- | diff hand -
	done
	run extract -w vgg.safetensors -c cache --gan "$pet" imputed.tsv
	[ "$status" = 1 ]
	[[ "$output" = *"imputed as 'T1w' by "*", want a generator of that digest that imputes that, in --gan FILE"* ]]
	refuse 2 "found '--version', want -w FILE" extract -w vgg.safetensors -c cache --gan --version imputed.tsv
	refuse 2 "as: not how an image is cut" extract -w vgg.safetensors -c cache --slice '--as T1w' imputed.tsv
}
