# Which rows of a manifest of a BIDS tree are asked for: {rows: [line numbers of the table]} or {wrong: why}.
include "tables";
def short: {subject: "sub", session: "ses", acquisition: "acq", reconstruction: "rec", direction: "dir", run: "run", echo: "echo",
	tracer: "trc", ceagent: "ce", task: "task", modality: "mod", part: "part", space: "space", resolution: "res", description: "desc",
	sample: "sample", staining: "stain", chunk: "chunk", flip: "flip", inversion: "inv"};
def entities: split("/")[-1] | sub("\\.nii(\\.gz)?$|\\.png$"; "") | split("_") |
	(map(select(test("^[A-Za-z0-9]+-"))) | map(capture("^(?<key>[A-Za-z0-9]+)-(?<value>.*)$")) | from_entries) + {suffix: .[-1]};
def fits($want): . as $have | # null: absent, "*": there, a list: any of them
	if $want == null then $have == null
	elif $want == "*" then $have != null
	elif ($want | type) == "array" then any($want[]; . as $one | $have | fits($one))
	elif ($want | type) == "number" then $have != null and ($have | test("^[0-9]+$")) and ($have | tonumber) == $want
	else $have == ($want | tostring) end;
table as $rows
| [$rows[] | .path | entities] as $of
| ([$of[].suffix] | unique) as $suffixes
| ($filter | to_entries) as $queries
| ([$queries[] | .key as $key | select([$suffixes[] | select(ascii_downcase == ($key | ascii_downcase))] == []) | $key][0]) as $unknown
| ([$queries[].value | keys[] | . as $key | select(short[$key] == null and ([short[]] | index($key)) == null and $key != "suffix" and $key != "datatype" and $key != "extension")][0]) as $strange
| if $unknown != null then {wrong: "no image has the suffix \($unknown)"}
  elif $strange != null then {wrong: "no entity is called \($strange)"}
  else {rows: [range($rows | length) as $i | $of[$i] as $have
	| select($participants == "" or ($participants | split("\n") | index($have.sub // "")))
	| select($sessions == "" or ($sessions | split("\n") | index($have.ses // "")))
	| select(all($queries[] | select((.key | ascii_downcase) == ($have.suffix | ascii_downcase)) | .value | to_entries[];
		.value as $want | (if .key == "suffix" then $have.suffix
			elif .key == "datatype" then ($rows[$i].path | split("/")[-2])
			elif .key == "extension" then ($rows[$i].path | capture("(?<e>\\.(nii(\\.gz)?|png))$").e)
			else $have[short[.key] // .key] end) | fits($want)))
	| $i + 2]} end
