/** Why rows are staff's alone that state nothing but what a person judged false: what their `shadow` says. */
export const judgedShadow = "judged false";
