export function newerBuiltIns(script: string, members?: 'withMembers'): readonly string[]
export function newerStyles(sheet: string): readonly string[]
export function missingBuiltIns(): readonly string[]
