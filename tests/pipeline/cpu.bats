load helper

# Slices, features, both steps and predictions, made as that processor makes them.
make_on() {
	export HMM_CPU=$1
	hmm-slice --subject s --voxel 1.4 --resize 40 --crop 40 T1w="$t1" PET="$pet" >"$1.slices.hmm"
	hmm-vgg -w vgg.safetensors <"$1.slices.hmm" >"$1.features.hmm"
	hmm-vgg --exact -w vgg.safetensors <"$1.slices.hmm" >"$1.exact.hmm"
	hmm-vgg -w wide.safetensors <"$1.slices.hmm" >"$1.wide.hmm"
	hmm-vgg --exact -w wide.safetensors <"$1.slices.hmm" >"$1.wide-exact.hmm"
	hmm-condition --train --epochs 2 --batch 2 -s 5 -o "$1.phi" <features.hmm
	hmm-condition -w "$1.phi" <features.hmm | hmm-setsum >"$1.sets.hmm"
	hmm-rho --train --epochs 2 -s 5 -o "$1.rho" <"$1.sets.hmm"
	hmm-rho -w "$1.rho" <"$1.sets.hmm" >"$1.tsv"
	unset HMM_CPU
}

@test "HMM_CPU: the same bytes on every kind of processor that is here" {
	tiny_features
	t1=$(find study -name '*T1w.nii.gz' | sort | head -n 1)
	pet=$(find study -name '*pet.nii.gz' | sort | head -n 1)
	hmm-weights --random vgg11 --width 0.15 -s 1 -o wide.safetensors # Winograd's tiles
	for cpu in $("$root"/tests/cpus); do
		make_on "$cpu"
		for made in slices.hmm features.hmm exact.hmm wide.hmm wide-exact.hmm phi sets.hmm rho tsv; do
			[ -s "$cpu.$made" ]
			cmp "plain.$made" "$cpu.$made"
		done
	done
}

@test "HMM_CPU: another word, or more than this processor has, is an error of every program" {
	here=$("$root"/tests/cpus)
	for program in "$root"/bin/hmm-*.c; do
		program=$(basename "$program" .c)
		for word in avx AVX2 'plain ' sse4; do
			HMM_CPU=$word refuse 1 "^$program: HMM_CPU: found '$word', want plain, avx2 or avx512\$" "$program" </dev/null
		done
		for word in avx2 avx512; do
			[[ $here != *$word* ]] || continue
			HMM_CPU=$word refuse 1 "^$program: HMM_CPU: found '$word', but this processor has no more than ${here##*$'\n'}\$" \
				"$program" </dev/null
		done
		HMM_CPU=sse4 "$program" --help | grep -q '^usage'
		HMM_CPU=sse4 refuse 2 'try .* --help' "$program" --no-such-option
	done
}

@test "HMM_CPU: empty is not set, and no history notes it" {
	HMM_CPU='' hmm-phantom -o study --subjects 1 --size 16 --slices 2 --missing 0 -s 1
	volume=$(find study -name '*T1w.nii.gz')
	HMM_CPU=plain hmm-slice "$volume" >plain.hmm
	hmm-slice "$volume" | cmp - plain.hmm
}
