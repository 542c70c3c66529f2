load helper

a_slurm() {
	serve slurm 4
	export SLURM_CONF=$servers/slurm.conf
	unset "${!SBATCH_@}"
}
state() { # JOB STATE: is it in that?
	scontrol -o show job "$1" | grep -q "JobState=$2 "
}
node_fails() { # and is back; often by itself, as it says that it is there
	scontrol update nodename=node state=down reason=test
	scontrol update nodename=node state=resume || true
	until_true 20 node_is idle
}
node_is() { # STATE
	[ "$(sinfo -h -n node -o %t)" = "$1" ]
}
ended() { # JOB...: none of them waits or runs
	local left
	left=$(squeue -h -j "$(IFS=,; echo "$*")") && [ -z "$left" ]
}

@test "slurm: an array runs, and its status is that of its worst task" {
	a_slurm
	run -3 sbatch --wait -o out.%a --array=0-10 --wrap='echo $SLURM_ARRAY_TASK_ID; [ $SLURM_ARRAY_TASK_ID != 4 ] || exit 3'
	[ "$(cat out.* | sort -n | tr '\n' ' ')" = '0 1 2 3 4 5 6 7 8 9 10 ' ]
	run -1 sbatch --array=0-11 --wrap=true
	[[ $output == *'Invalid job array specification'* ]]
	[ "$(scontrol show config | sed -n 's/^MaxArraySize *= //p')" = 11 ]
}

@test "slurm: a job after any other runs when that fails, and one after its success does not" {
	a_slurm
	first=$(sbatch --parsable -o /dev/null --wrap='exit 1')
	after=$(sbatch --parsable -o after --dependency="afterany:$first" --wrap='echo ran')
	never=$(sbatch --parsable -o never --dependency="afterok:$first" --kill-on-invalid-dep=yes --wrap='echo ran')
	until_true 20 ended "$first" "$after" "$never"
	[ "$(cat after)" = ran ]
	[ ! -e never ]
}

@test "slurm: a requeued job begins again, and is told so" {
	a_slurm
	job=$(sbatch --parsable --open-mode=append -o out --wrap='echo "${SLURM_RESTART_COUNT-first}"; [ -n "$SLURM_RESTART_COUNT" ] || sleep 60')
	until_true 10 grep first out
	scontrol requeue "$job"
	until_true 20 state "$job" PENDING
	scontrol update job "$job" StartTime=now
	until_true 20 ended "$job"
	cat out
	[ "$(grep -v '^slurmstepd' out | tr '\n' ' ')" = 'first 1 ' ]
}

@test "slurm: a node fails; its job is killed and begins again when the node is back" {
	a_slurm
	job=$(sbatch --parsable --open-mode=append -o out --wrap='echo "${SLURM_RESTART_COUNT-first}"; [ -n "$SLURM_RESTART_COUNT" ] || sleep 60')
	until_true 10 grep first out
	node_fails
	until_true 20 state "$job" PENDING
	scontrol update job "$job" StartTime=now
	until_true 30 ended "$job"
	cat out
	[ "$(grep -v '^slurmstepd' out | tr '\n' ' ')" = 'first 1 ' ]
}

@test "slurm: srun passes bytes and statuses" {
	a_slurm
	head -c 3000000 /dev/urandom >bytes
	srun -n1 -c1 cat <bytes | cmp - bytes
	run -7 srun -n1 -c1 bash -c 'exit 7'
}

@test "slurm: nothing is left of it" {
	a_slurm
	sbatch -o out --wrap='echo begun; sleep 78; true'
	until_true 10 grep begun out
	gone
	[ -z "$(pgrep -f '^sleep 78')" ]
}

# Twenty images to extract, and what a run without Slurm makes of them.
images() {
	tiny_study
	extract -w vgg.safetensors -c local -j 2 manifest.tsv >local.tsv
}
# The jobs of the last run of extract.slurm: they end, and the last one with this state.
jobs_end() { # OUT STATE
	until_true 60 last_job "$1"
	until_true 120 ended "$job"
	cat "$1".slurm/*/gather.log
	state "$job" "$2"
}
last_job() { # OUT: into $job
	job=$(cat "$(ls -td "$1".slurm/*/submitted | head -n 1)")
}
like_local() { # OUT CACHE
	cmp "$1" local.tsv
	diff -r -x journal.tsv local "$2"
}

# A hmm-vgg that takes its time, as long as there is a file `slow`.
slow_programs() {
	local program bin
	bin=$(dirname "$(command -v hmm-vgg)")
	mkdir slow_bin
	for program in "$bin"/hmm-*; do [ ! -x "$program" ] || ln -s "$program" slow_bin; done
	rm slow_bin/hmm-vgg
	printf '#!/bin/sh\ncase $* in *show-history*) ;; *) echo >>"%s/begun"; [ ! -e "%s/slow" ] || sleep 30 ;; esac\nexec "%s/hmm-vgg" "$@"\n' \
		"$PWD" "$PWD" "$bin" >slow_bin/hmm-vgg
	chmod +x slow_bin/hmm-vgg
	export HMM_BIN=$PWD/slow_bin
	touch slow
}
array_of() { # OUT: the number of its array, into $array
	array=$(sed -n 's/.* tasks of job \([0-9]*\);.*/\1/p' "$1".log)
	[ -n "$array" ]
}

@test "extract.slurm: the table and the cache of a local run; a second run has nothing to do" {
	a_slurm
	images
	sbatch -o features.tsv.log "$root/pipelines/extract.slurm" -o features.tsv -w vgg.safetensors -c cache manifest.tsv
	jobs_end features.tsv COMPLETED
	like_local features.tsv cache
	hypermm extract.slurm -o again.tsv -w vgg.safetensors -c cache manifest.tsv
	jobs_end again.tsv COMPLETED
	like_local again.tsv cache
	grep -q '^extract.slurm: 0 batches; job' slurm-*.out
}

@test "extract.slurm: more batches than an array may have; options of sbatch hold for all jobs" {
	a_slurm
	images
	slow_programs
	rm slow
	SBATCH_TIMELIMIT=17 sbatch --mem=300M -o features.tsv.log "$root/pipelines/extract.slurm" --tasks 30 -w vgg.safetensors \
		-c cache manifest.tsv --output=features.tsv
	jobs_end features.tsv COMPLETED
	like_local features.tsv cache
	grep -q '^extract.slurm: 22 batches in 11 tasks of job' features.tsv.log
	[ "$(wc -l <begun)" = 22 ]
	array_of features.tsv
	for part in "${array}_0" "${array}_10" "$job"; do
		scontrol -o show job "$part" >shown
		grep -q ' TimeLimit=00:17:00 ' shown
		grep -q ' MinMemoryNode=300M ' shown
		grep -q ' Requeue=1 ' shown
	done
}

@test "extract.slurm: names with blanks, quotes and signs of Slurm, found from where it is called" {
	a_slurm
	images
	for name in 'a "b" %j' 'it'"'"'s \here %a'; do
		mkdir "$name" "$name/out"
		mkdir -p there
		cd there # Slurm knows of no sign for it in the name of the first job's log
		for file in vgg.safetensors study; do ln -sfn "../$file" "$file of"; done
		awk -F'\t' -v OFS='\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "path") at = i } NR > 1 { sub(/^study/, "study of", $at) } 1' \
			../manifest.tsv >'the manifest'
		out="../$name/out/features $.tsv"
		sbatch -o log "$root/pipelines/extract.slurm" -o "$out" -w 'vgg.safetensors of' -c "../$name/the cache" \
			--slice '--axis axial' --tasks 2 'the manifest'
		jobs_end "$out" COMPLETED
		diff -r -x journal.tsv ../local "../$name/the cache"
		cmp <(sed 's/study of/study/' "$out") ../local.tsv
		[ "$(cd "../$name/out" && echo *)" = 'features $.tsv features $.tsv.slurm' ]
		cd ..
	done
}

@test "extract.slurm: any of its jobs is requeued" {
	a_slurm
	images
	slow_programs
	plan=$(sbatch --parsable -o features.tsv.log "$root/pipelines/extract.slurm" --tasks 4 -o features.tsv -w vgg.safetensors \
		-c cache manifest.tsv)
	until_true 60 array_of features.tsv
	until_true 20 state "$plan" COMPLETED
	until_true 60 state "${array}_1" RUNNING
	until_true 60 [ -s begun ]
	scontrol requeue "$plan" # is what happens to all that ran on a node that is lost
	scontrol requeue "${array}_1"
	until_true 20 state "${array}_1" PENDING
	rm slow
	scontrol update job "${array}_1" StartTime=now
	scontrol update job "$plan" StartTime=now
	jobs_end features.tsv COMPLETED
	until_true 20 ended "$plan" "$array"
	like_local features.tsv cache
	[ "$(grep -c batches features.tsv.log)" = 1 ]
	scontrol -o show job "${array}_1" | grep -q ' Restarts=1 '
	last_job features.tsv
	scontrol requeue "$job"
	until_true 20 state "$job" PENDING
	scontrol update job "$job" StartTime=now
	until_true 20 state "$job" COMPLETED
	like_local features.tsv cache
}

@test "extract.slurm: a node fails" {
	a_slurm
	images
	slow_programs
	sbatch -o features.tsv.log "$root/pipelines/extract.slurm" --tasks 4 -o features.tsv -w vgg.safetensors -c cache manifest.tsv
	until_true 60 array_of features.tsv
	until_true 60 state "${array}_1" RUNNING
	until_true 60 [ -s begun ]
	node_fails
	rm slow
	until_true 20 state "${array}_1" PENDING
	for task in 0 1 2 3; do scontrol update job "${array}_$task" StartTime=now || true; done
	jobs_end features.tsv COMPLETED
	like_local features.tsv cache
}

@test "extract.slurm: what is missing is said, and made by the next run" {
	a_slurm
	images
	cp "$(find study -name '*T1w.nii.gz' | sort | sed -n 3p)" whole.nii.gz
	broken=$(find study -name '*T1w.nii.gz' | sort | sed -n 3p)
	head -c 500 whole.nii.gz >"$broken"
	run_it() {
		sbatch --wait -o "$1.log" "$root/pipelines/extract.slurm" -o "$1" -w vgg.safetensors -c cache --tasks 3 "${@:3}" manifest.tsv
		jobs_end "$1" "$2"
	}
	run_it features.tsv FAILED
	[ ! -e features.tsv ]
	[ "$(grep -c "$broken" features.tsv.slurm/*/gather.log)" = 1 ]
	grep -q '^extract.slurm: 21 of 22 images have features$' features.tsv.slurm/*/gather.log
	run_it some.tsv FAILED -k
	[ "$(wc -l <some.tsv)" = 22 ]
	cat whole.nii.gz >"$broken"
	mv "$broken" away
	run_it some.tsv FAILED
	grep -q "^extract: $broken: cannot open" some.tsv.slurm/*/gather.log
	mv away "$broken"
	run_it all.tsv COMPLETED
	like_local all.tsv cache
	# a task that was cancelled
	rm -r cache features.tsv.log
	slow_programs
	sbatch -o features.tsv.log "$root/pipelines/extract.slurm" --tasks 4 -o features.tsv -w vgg.safetensors -c cache manifest.tsv
	until_true 60 array_of features.tsv
	until_true 60 state "${array}_1" RUNNING
	scancel "${array}_1"
	rm slow
	jobs_end features.tsv FAILED
	run_it features.tsv COMPLETED
	like_local features.tsv cache
}

@test "extract.slurm: what cannot work is said before anything waits" {
	a_slurm
	images
	refuse 2 '^extract.slurm: want --output' hypermm extract.slurm -w vgg.safetensors -c cache manifest.tsv
	refuse 2 '^extract.slurm: --tasks: found .0.' hypermm extract.slurm -o features.tsv --tasks 0 -w vgg.safetensors -c cache manifest.tsv
	run -1 sbatch --wait -o log "$root/pipelines/extract.slurm" -o features.tsv -w absent -c cache manifest.tsv
	grep -q 'absent: cannot read' log
	run -2 sbatch --wait -o log "$root/pipelines/extract.slurm" -o features.tsv --odd
	[ -z "$(squeue -h)" ]
}

@test "RUN=srun: hypermm run, table and sweep make there what they make here" {
	a_slurm
	tiny_study
	epochs=(--condition '--epochs 1' --rho '--epochs 1')
	steps() { # how many srun have been so far
		scontrol -o show job | grep -c 'JobName=\(step\|cell\) .*JobState=COMPLETED'
	}
	hypermm run -w vgg.safetensors -o here -c cache -j 1 "${epochs[@]}" manifest.tsv
	RUN='srun -n1 -c1' hypermm run -w vgg.safetensors -o there -c cache -j 1 "${epochs[@]}" manifest.tsv
	for file in predictions.tsv metrics.tsv phi.safetensors rho.safetensors; do cmp here/$file there/$file; done
	[ "$(steps)" = 1 ]
	printf 'scenario\tdrop\tsystem\tmodel\ncomplete\t-\tHyperMM\thypermm\ncomplete\t-\tMulti-CNN\tmulti-cnn\n' >systems
	tabulate() {
		table -w vgg.safetensors -o "$1" -c cache --systems systems --repeats 2 --no-figures --ratio 4:4:4 -j 2 "${epochs[@]}" \
			--joint '--epochs 1' manifest.tsv
	}
	tabulate here.table
	RUN='srun -n1 -c1' tabulate there.table
	for file in $(cd here.table && find cells -name predictions.tsv); do cmp "here.table/$file" "there.table/$file"; done
	[ "$(steps)" = 5 ]
	# a cell that fails there fails here
	run env RUN='srun -n1 --partition=none' table -w vgg.safetensors -o none -c cache --systems systems --repeats 1 --no-figures manifest.tsv
	[ "$status" = 1 ]
	[ -z "$(find none -name predictions.tsv)" ]
	small_sweep() { sweep -o "$1" -c cache -n 1 --step 0.9 -j 2 "${epochs[@]}" here/features.tsv; }
	command -v gnuplot >/dev/null || skip "no gnuplot for sweep"
	small_sweep here.sweep >here.tsv
	RUN='srun -n1 -c1' small_sweep there.sweep >there.tsv
	cmp here.tsv there.tsv
	[ "$(steps)" = 10 ]
}
