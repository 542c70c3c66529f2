# What the sidecars of BIDS say of how images were made: a row for each modality and field. In: {images: [{modality,
# path}], sidecars: [{file, fields}]}. A sidecar higher up counts for all below whose name has its suffix and its entities,
# and one further down for more (the inheritance principle).
def fields: ["Manufacturer", "ManufacturersModelName", "InstitutionName", "MagneticFieldStrength", "PulseSequenceType",
	"ScanningSequence", "RepetitionTime", "EchoTime", "InversionTime", "FlipAngle", "SliceThickness", "TracerName",
	"TracerRadionuclide", "InjectedRadioactivity", "InjectedRadioactivityUnits", "ReconMethodName", "AttenuationCorrection"];
def folder: split("/")[:-1] | join("/");
def entities: split("/")[-1] | split("_")[:-1];
def suffix: split("/")[-1] | split("_")[-1] | split(".")[0];
def above: split("/") as $parts | range(1; $parts | length) | $parts[:.] | join("/");
def say: if type == "string" or type == "number" then tostring else tojson end;

(.sidecars | group_by(.file | folder + "\t" + suffix) | map({key: (.[0].file | folder + "\t" + suffix), value: .}) | from_entries) as $at
| .images | map(. as $image | ($image.path | entities) as $of | ($image.path | suffix) as $suffix
	| $image + {said: ([$image.path | above | $at[. + "\t" + $suffix] // empty | .[] | select((.file | entities) - $of == []) | .fields] | add // {})})
| group_by(.modality) | map(. as $images | fields[] as $field
	| [$images[].said[$field] | select(. != null)] as $values
	| select($values | length > 0)
	| ($values | unique) as $levels
	| {modality: $images[0].modality, name: $field, values: (
		(if ($levels | length) > 5 and ($levels | all(type == "number")) then "\($levels[0]) to \($levels[-1])"
		elif ($levels | length) > 5 then "\($levels | length) different ones"
		else [$levels[] as $level | "\($level | say) (\([$values[] | select(. == $level)] | length))"] | join(", ") end)
		+ (($images | length) - ($values | length) | if . > 0 then ", not said (\(.))" else "" end))})
