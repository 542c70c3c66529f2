# What the cases share: programs on PATH, a folder of their own, a tiny study.
setup() {
	root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	PATH="${HMM_BIN:-$root/bin}:$root/pipelines:$PATH"
	export LC_ALL=C
	# OpenBLAS does not know every processor, and its warning would be a line more
	case $("$root/tests/cpus" | tail -n 1) in
	avx512) export OPENBLAS_CORETYPE=SKYLAKEX ;;
	avx2) export OPENBLAS_CORETYPE=HASWELL ;;
	esac
	cd "$BATS_TEST_TMPDIR" || return 1
}

# Twelve subjects, some with one modality, tiny volumes, a VGG of 2 to 15 channels.
tiny_study() {
	hmm-phantom -o study --subjects 12 --size 16 --slices 3 --missing 0.4 -s 3
	hmm-weights --random vgg11 --width 0.03 -s 1 -o vgg.safetensors
	hmm-manifest --bids study --label diagnosis --positive AD | hmm-split --ratio 4:4:4 -s 1 >manifest.tsv
}

# Its features, as one stream.
tiny_features() {
	tiny_study
	extract -w vgg.safetensors -c cache -j 2 manifest.tsv >features.tsv
	hmm-gather -c cache features.tsv >features.hmm
}

# Its phi, trained for two epochs, and the sets that it makes.
tiny_sets() {
	tiny_features
	hmm-condition --train --epochs 2 -o phi.safetensors <features.hmm
	hmm-condition -w phi.safetensors <features.hmm >latents.hmm
	hmm-setsum <latents.hmm >sets.hmm
}

# The tensors of a model, without what its file says of them.
tensors() { tail -c "+$(($(od -An -tu8 -N8 "$1") + 9))" "$1"; }

# Two files are not the same; a test goes on behind a bare `! cmp`, whatever that finds.
differ() { ! cmp -s "$1" "$2"; }

# One error line on standard error, this status: refuse STATUS PATTERN COMMAND...
refuse() {
	local status=$1 pattern=$2
	shift 2
	local code=0
	"$@" >refused.out 2>refused.err || code=$?
	[ "$code" = "$status" ] || { echo "status $code, want $status: $*"; cat refused.err; return 1; }
	[ "$(wc -l <refused.err)" = 1 ] || { echo "not one line:"; cat refused.err; return 1; }
	grep -qE "$pattern" refused.err || { echo "want $pattern:"; cat refused.err; return 1; }
}
