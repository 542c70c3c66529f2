load helper

# Whole trainings as PyTorch has them: tests/golden/make_trajectory.py. A curve is right when every
# loss is within 1e-4 of its value; the rate, the checkpoint and the number of epochs are the same.
suite=trajectory # or objective: of other targets
golden() { echo "$root/tests/golden/$suite.$1"; }

# The lines of one case, without its name.
of_case() { # CASE FILE
	awk -F'\t' -v OFS='\t' -v name="$1" '$1 == name { sub(/^[^\t]*\t/, ""); print }' "$(golden "$2")"
}

# Two tables, cell by cell: numbers with a point or an exponent may be off by TOLERANCE of
# themselves and LEAST, all else is the same.
near() { # TOLERANCE LEAST HAVE WANT
	awk -F'\t' -v tolerance="$1" -v least="$2" '
		NR == FNR { want[FNR] = $0; lines = FNR; next }
		{
			cells = split(want[FNR], right, FS)
			bad = cells != NF
			for (i = 1; i <= NF; i++) {
				number = right[i] ~ /^-?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?$/
				off = $i - right[i]; off = off < 0 ? -off : off
				size = right[i] < 0 ? -right[i] : right[i]
				if (number ? off > tolerance * size + least : $i != right[i])
					bad = 1
			}
			if (bad) { print "have\t" $0 "\nwant\t" want[FNR]; wrong++ }
		}
		END { exit wrong || FNR != lines }' "$4" "$3"
}

# What a trained model says of every record: the mean of a latent, or a logit, or all of its columns.
outputs() { # PROGRAM MODEL STREAM
	if [ "$suite" = objective ]; then
		columns "$@"
	elif [ "$1" = hmm-condition ]; then
		hmm-condition -w "$2" --any-history <"$3" | hmm-show |
			awk -F'\t' -v OFS='\t' '!/^#/ && $1 != "subject" { print $1, $3, $6, $8, $12 }'
	else
		"$1" -w "$2" --any-history <"$3" | awk -F'\t' -v OFS='\t' 'NR > 1 { print $1, $7, "n/a", "n/a", $5 }'
	fi | sort
}

# The same of those who were not trained on, with the columns by name.
columns() { # PROGRAM MODEL STREAM
	"$1" -w "$2" --any-history <"$3" | if [ "$1" = hmm-condition ]; then hmm-show; else cat; fi | awk -F'\t' -v OFS='\t' '
		/^#/ { next }
		!has { for (i = 1; i <= NF; i++) at[name[i] = $i] = i; has = 1; next }
		$at["split"] != "train" {
			for (i = 1; i <= NF; i++)
				if (at["modality"] && name[i] == "mean")
					print $1, $at["modality"], $at["source"], $at["index"], name[i], $i
				else if (name[i] ~ /^(risk|value|sd|survival_.*|probability_.*)$/)
					print $1, $at["modalities"], "n/a", "n/a", name[i], $i
		}' | sort
}

# Every case whose name begins with CASE.
trajectories() { # CASE
	local name program stream options count=0 wrong=0
	while IFS=$'\t' read -r name program stream options; do
		[[ $name == "$1".* ]] || continue
		count=$((count + 1))
		# options are words
		# shellcheck disable=SC2086
		"$program" --train --any-history $options --curve curve -o model <"$(golden "$stream.hmm")"
		near 1e-4 1e-6 <(tail -n +2 curve | cut -f 1-6) <(of_case "$name" curves.tsv) ||
			{ echo "$name: its curve is not that of PyTorch"; wrong=1; }
		near 1e-4 1e-4 <(outputs "$program" model "$(golden "$stream.hmm")") <(of_case "$name" outputs.tsv | sort) ||
			{ echo "$name: its model is not that of PyTorch"; wrong=1; }
	done <"$(golden cases.tsv)"
	[ $count -gt 1 ]
	[ $wrong = 0 ]
}

@test "trajectory: step 1 at batch 1 and 5, by images and by subjects" {
	trajectories condition
}

@test "trajectory: step 2 with two layers and three, subsets, dropout" {
	trajectories rho
}

@test "trajectory: the systems of one step" {
	trajectories joint
}

@test "trajectory: dropout of the systems of one step is keyed by name" {
	trajectories dropout
}

@test "trajectory: the Multi-VAE, whose noise is keyed by name" {
	trajectories vae
}

@test "objective: step 1 learns classes, values and times" {
	suite=objective
	trajectories condition
}

@test "objective: step 2 learns classes, values and times, by every loss" {
	suite=objective
	trajectories rho
}

@test "objective: the systems of one step learn classes, values and times" {
	suite=objective
	trajectories joint
}

@test "objective: the Multi-VAE learns classes and times" {
	suite=objective
	trajectories vae
}
