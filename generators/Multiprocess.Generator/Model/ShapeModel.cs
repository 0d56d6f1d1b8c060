namespace Multiprocess.Generator.Model;

/// <summary>What a user's type looks like on the wire, as text that both sides can compare.</summary>
/// <param name="Name">The type's full name, as both sides know it.</param>
/// <param name="Kind">The word for how it crosses: <c>record</c>, <c>keyed</c>, <c>map</c>, <c>enum</c>, <c>union</c> or <c>converted</c>.</param>
/// <param name="Suffix">What stands behind the name: the underlying type of an enum.</param>
/// <param name="Members">Members, values or cases, in the order in which they cross.</param>
internal sealed record ShapeModel(string Name, string Kind, string Suffix, EquatableArray<ShapeMemberModel> Members)
{
    /// <summary>The first line of its text.</summary>
    public string Head => $"{Kind} {Name}{Suffix}";

    /// <summary>What a description says before that: <c>flags</c> or <c>struct</c> and a space, or nothing.</summary>
    public string Word { get; init; } = "";
}

/// <summary>A member of a shape.</summary>
/// <param name="Name">The name of the member, value or case as the program has it.</param>
/// <param name="Text">Its line.</param>
/// <param name="Uses">The user's types that its type mentions, by full name.</param>
internal sealed record ShapeMemberModel(string Name, string Text, EquatableArray<string> Uses)
{
    /// <summary>Its line in a baseline, with the nullability that the wire leaves to each value.</summary>
    public string BaselineLine { get; init; } = Text;

    /// <summary>Whether no log may show it.</summary>
    public bool IsSensitive { get; init; }
}
