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
	[ "$(cat after)" = ran ] && [ ! -e never ]
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
