using Bitcoin.Interfaces;

namespace Bitcoin.Rpc;

/// <summary>The arguments of a method as one text.</summary>
/// <remarks>
/// Separated by spaces: the name or names, the type, an exclamation mark if it carries keys or passphrases, a question
/// mark if it is optional, the members of an object that can be given like arguments with their types if clients must
/// not convert them, and how help shows it if not by name and type. An example:
/// <c>txid:text verbosity|verbose:any? stats:list?=stats options:map?{minconf,maxconf,change_type:text}</c>.
/// </remarks>
public static class ArgumentList
{
    /// <summary>Parses the text.</summary>
    /// <exception cref="ArgumentException">A type is unknown.</exception>
    public static RpcArgument[] Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(ParseOne)];
    }

    private static RpcArgument ParseOne(string text)
    {
        string[] shown = text.Split('=', 2);
        string[] members = shown[0].TrimEnd('}').Split('{', 2);
        string[] parts = members[0].Split(':');
        return new RpcArgument(
            parts[0],
            TypeOf(parts[1].TrimEnd('?', '!')),
            parts[1].EndsWith('?'),
            shown.Length == 1 ? "" : shown[1],
            members.Length == 1 ? null : [.. members[1].Split(',').Select(Member)],
            IsSecret: parts[1].Contains('!', StringComparison.Ordinal));
    }

    private static RpcMember Member(string text)
    {
        string[] parts = text.Split(':');
        return new RpcMember(parts[0], parts.Length == 1 ? RpcType.Any : TypeOf(parts[1]));
    }

    private static RpcType TypeOf(string name) => name switch
    {
        "text" => RpcType.Text,
        "number" => RpcType.Number,
        "bool" => RpcType.Bool,
        "list" => RpcType.List,
        "map" => RpcType.Map,
        "any" => RpcType.Any,
        _ => throw new ArgumentException(
            $"Argument type: Expected text, number, bool, list, map or any, got {name}.", nameof(name)),
    };
}
