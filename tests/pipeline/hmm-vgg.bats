load helper

slices() {
	tiny_study
	t1=$(find study -name '*T1w.nii.gz' | sort | head -n 1)
	pet=$(find study -name '*pet.nii.gz' | sort | head -n 1)
	hmm-slice --subject s --resize 40 --crop 40 T1w="$t1" PET="$pet" >slices.hmm
}

@test "hmm-vgg: a block an image, the maximum of its slices" {
	slices
	hmm-vgg -w vgg.safetensors <slices.hmm >max.hmm
	hmm-vgg --per-slice -w vgg.safetensors <slices.hmm >each.hmm
	[ "$(hmm-show max.hmm | awk -F'\t' '/^s\t/ { print $3, $9, $10 }' | paste -sd';')" = "T1w 3 (15,1,1);PET 3 (15,1,1)" ]
	[ "$(hmm-show each.hmm | grep -cP '^s\t')" = 6 ]
	# the largest value of the block is the largest of its slices
	[ "$(hmm-show max.hmm | awk -F'\t' '$3 == "PET" { print $14 }')" = \
		"$(hmm-show each.hmm | awk -F'\t' '$3 == "PET" { print $14 }' | sort -g | tail -n 1)" ]
}

@test "hmm-vgg: the same bytes for one, two and five threads" {
	slices
	hmm-vgg -j 1 -w vgg.safetensors <slices.hmm >1.hmm
	hmm-vgg -j 2 -w vgg.safetensors <slices.hmm >2.hmm
	hmm-vgg -j 5 -w vgg.safetensors <slices.hmm >5.hmm
	cmp 1.hmm 2.hmm
	cmp 1.hmm 5.hmm
	hmm-vgg --exact -j 1 -w vgg.safetensors <slices.hmm >1.hmm
	hmm-vgg --exact -j 3 -w vgg.safetensors <slices.hmm | cmp - 1.hmm
	hmm-weights --random vgg11 --width 0.25 -s 1 -o wide.safetensors # Winograd's tiles
	for how in '' --exact; do
		hmm-vgg $how -j 1 -w wide.safetensors <slices.hmm >1.hmm
		hmm-vgg $how -j 3 -w wide.safetensors <slices.hmm | cmp - 1.hmm
	done
}

@test "hmm-vgg: slices that an image repeats change nothing, and are counted" {
	slices
	mkdir npy
	hmm-show --npy npy slices.hmm | grep -v '^#' >once.tsv
	# every slice four times over: more of them than are in hand at once
	awk -F'\t' -v OFS='\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; print; next }
		{ row[NR - 1] = $0; modality[NR - 1] = $at["modality"] }
		END { for (i = 1; i < NR; i++) {
			if (modality[i] != modality[i - 1]) { index_ = 0; n = 0; for (j = 1; j < NR; j++) n += modality[j] == modality[i] }
			for (k = 0; k < 40; k++) { $0 = row[i]; $at["index"] = index_++; $at["count"] = 40 * n; print } } }' once.tsv >often.tsv
	hmm-show --from-npy slices often.tsv | hmm-vgg -j 1 -w vgg.safetensors >often.hmm
	hmm-show --from-npy slices once.tsv | hmm-vgg -j 1 -w vgg.safetensors >once.hmm
	[ "$(hmm-show often.hmm | awk -F'\t' '/^s\t/ { print $3, $9 }' | paste -sd';')" = "T1w 120;PET 120" ]
	diff <(hmm-show often.hmm | grep '^s' | cut -f10-14) <(hmm-show once.hmm | grep '^s' | cut -f10-14)
}

@test "hmm-vgg: images of other sizes in one stream are what each is alone" {
	slices
	golden="$BATS_TEST_DIRNAME/../golden"
	images=("$t1" "$golden/slice.nii.gz" "$golden/slice.png" "$t1")
	cut() { hmm-slice --resize 40 --crop 0 "$@"; }
	[ "$(cut "${images[@]}" | hmm-show | awk -F'\t' '/^n\/a/ { print $10 }' | sort -u | wc -l)" = 3 ]
	cut "${images[@]}" | hmm-vgg -j 1 -w vgg.safetensors >have.hmm
	for image in "${images[@]}"; do cut "$image" | hmm-vgg -j 1 -w vgg.safetensors; done >want.hmm
	mkdir have want
	hmm-show --npy have have.hmm >/dev/null
	hmm-show --npy want want.hmm >/dev/null
	[ "$(find have -type f | wc -l)" = 4 ]
	diff -r have want
}

@test "hmm-vgg: an empty stream of slices gives an empty stream of features" {
	hmm-weights --random vgg11 --width 0.03 -o vgg.safetensors
	printf 'subject\tnpy\n' >none.tsv
	hmm-show --from-npy slices none.tsv | hmm-vgg -w vgg.safetensors >out.hmm
	hmm-show --json out.hmm | grep -q '"kind":"features"'
}

@test "hmm-vgg: the history names the programs and the weights' digest" {
	slices
	hmm-vgg -w vgg.safetensors <slices.hmm | hmm-show >shown
	digest=$(sha256sum <vgg.safetensors | cut -d' ' -f1)
	[ "$(sed -n 's/^# \(hmm-[a-z]*\)\t.*/\1/p' shown | paste -sd' ')" = "hmm-slice hmm-vgg" ]
	grep -q "^# hmm-vgg.*$digest" shown
}

@test "hmm-vgg: --show-history is the entry that it writes, and reads no stream" {
	slices
	for options in '' '--exact' '--per-slice --exact'; do
		entry=$(hmm-vgg $options -w vgg.safetensors -j 1 --show-history <&-)
		hmm-vgg $options -w vgg.safetensors <slices.hmm | hmm-show --json | head -n 1 | grep -qF ",$entry]}"
		[ "$(wc -l <<<"$entry")" = 1 ]
	done
	[[ "$entry" == *'"numerics":"4.1","options":"exact per-slice","weights":"'* ]]
	refuse 1 'cannot open' hmm-vgg -w absent.safetensors --show-history
	refuse 2 'want -w' hmm-vgg --show-history
	refuse 1 'No space left' sh -c 'hmm-vgg -w vgg.safetensors --show-history >/dev/full'
}

@test "hmm-vgg: each of several streams keeps its own history" {
	slices
	hmm-slice --subject s --resize 44 --crop 40 T1w="$t1" >other.hmm
	for input in slices other slices; do hmm-vgg -w vgg.safetensors <$input.hmm; done >want.hmm
	for threads in 1 3; do
		cat slices.hmm other.hmm slices.hmm | hmm-vgg -j $threads -w vgg.safetensors | cmp - want.hmm
	done
}

@test "hmm-vgg: refuses wrong weights, wrong streams, images with missing slices" {
	slices
	refuse 1 'cannot open' hmm-vgg -w absent.safetensors
	refuse 2 'want -w' hmm-vgg
	head -c 2000 vgg.safetensors >cut.safetensors
	# a layer that is missing ends the plan, but not what the file has
	for missing in 's/features.3.weight/features.3.height/' 's/features.8.weight/features.9.weight/' 's/features.18./features.99./g'; do
		LC_ALL=C sed "$missing" vgg.safetensors >missing.safetensors
		if cmp -s missing.safetensors vgg.safetensors; then return 1; fi
		refuse 1 "tensor 'features.[0-9]*.[a-z]*' is of no layer" sh -c 'hmm-vgg -w missing.safetensors <slices.hmm'
	done
	refuse 1 'cut.safetensors' hmm-vgg -w cut.safetensors
	hmm-vgg -w vgg.safetensors <slices.hmm >features.hmm
	refuse 1 'stream of features, want slices' sh -c 'hmm-vgg -w vgg.safetensors <features.hmm'
	mkdir npy
	hmm-show --npy npy slices.hmm | grep -v '^#' | sed 3d >holes.tsv
	refuse 1 'slice 2 does not follow' sh -c 'hmm-show --from-npy slices holes.tsv | hmm-vgg -w vgg.safetensors'
	sed 4q holes.tsv | sed '3d;4d' >short.tsv
	refuse 1 'found 1 slices, want 3' sh -c 'hmm-show --from-npy slices short.tsv | hmm-vgg -w vgg.safetensors'
	hmm-slice --resize 8 --crop 8 "$t1" >small.hmm
	refuse 1 '8x8 do not fit' sh -c 'hmm-vgg -w vgg.safetensors <small.hmm'
	{ head -c -4 vgg.safetensors; printf '\0\0\300\177'; } >nan.safetensors
	refuse 1 "tensor 'features.[0-9]*.[a-z]*' holds a value that is not finite" sh -c 'hmm-vgg -w nan.safetensors <slices.hmm'
}

@test "hmm-vgg: sums that overflow are refused, whose they are and where" {
	slices
	hmm-weights --random vgg11 --width 0.6 -s 1 -o wide.safetensors # Winograd's tiles
	for weights in vgg wide; do
		header=$((8 + $(od -An -tu8 -N8 $weights.safetensors)))
		{
			head -c $header $weights.safetensors
			tail -c +$((header + 1)) $weights.safetensors | tr '\0-\377' '\176' # each is 8.5e37
		} >large.safetensors
		for how in '' --exact; do
			refuse 1 '^hmm-vgg: standard output: record 1 \(s T1w\): x is [a-zN]* at \(0,0,0\), not finite' \
				sh -c "hmm-vgg $how -w large.safetensors <slices.hmm"
			refuse 1 '^hmm-vgg: standard output: record 1 \(s T1w\): x is [a-zN]* at \(0,0,0\), not finite' \
				sh -c "hmm-vgg $how --per-slice -w large.safetensors <slices.hmm"
		done
	done
}

@test "hmm-vgg: real trained weights on a real slice" {
	data=${HMM_DATA:-$root/../shared/data}
	[ -e "$data/weights/vgg19-narrow.safetensors" ] || skip "no real weights (set HMM_DATA)"
	png=$(find "$data/lgg-slices" -name '*FLAIR.png' | sort | head -n 1)
	hmm-slice FLAIR="$png" | hmm-vgg -w "$data/weights/vgg19-narrow.safetensors" | hmm-show >shown
	[ "$(awk -F'\t' '/FLAIR/ { print $10 }' shown)" = "(128,7,7)" ]
}
