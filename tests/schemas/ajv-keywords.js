// The annotations that the schemas carry for people and tools; ajv's strict mode wants every keyword declared.
module.exports = (ajv) =>
  ["x-read-by", "x-must-be", "x-names", "x-kinds", "x-short-for", "x-backends", "x-secret", "x-unknown"].forEach((keyword) => ajv.addKeyword({ keyword, valid: true }));
