namespace Multiprocess.Generator.Model;

/// <summary>What a user's type looks like on the wire, as text that both sides can compare.</summary>
/// <param name="Name">The type's full name, as both sides know it.</param>
/// <param name="Kind">The word for how it crosses: <c>record</c>, <c>keyed</c>, <c>map</c>, <c>enum</c>, <c>union</c>
/// or <c>converted</c>.</param>
/// <param name="Suffix">The text after the name: the underlying type of an enum.</param>
/// <param name="Members">Members, values or cases, in the order in which they cross.</param>
internal sealed record ShapeModel(string Name, string Kind, string Suffix, EquatableArray<ShapeMemberModel> Members)
{
    /// <summary>The first line of the shape's text.</summary>
    public string Head => $"{Kind} {Name}{Suffix}";

    /// <summary>
    /// The text before the head in a description: <c>flags</c> or <c>struct</c> and a space, or nothing.
    /// </summary>
    public string Word { get; init; } = "";
}

/// <summary>A member of a shape.</summary>
/// <param name="Name">The name of the member, value or case in the program.</param>
/// <param name="Text">The member's line.</param>
/// <param name="Uses">The full names of the user's types that the member's type mentions.</param>
internal sealed record ShapeMemberModel(string Name, string Text, EquatableArray<string> Uses)
{
    /// <summary>The member's line in a baseline, with nullability, which shapes leave out.</summary>
    public string BaselineLine { get; init; } = Text;

    /// <summary>
    /// The member's line in the defaults of a description: the value that a reader uses if the member is missing; null
    /// for the default of its type, or for no default.
    /// </summary>
    public string? Default { get; init; }

    /// <summary>Whether no log may show it.</summary>
    public bool IsSensitive { get; init; }
}
