// Under which name a process keeps its engine: whoever only asks whether there is one loads nothing of it.
export const engineName = 'object.engine'
