using System.Text.Json.Nodes;
using Multiprocess;

namespace Bitcoin.Interfaces;

/// <summary>Runs a method.</summary>
/// <exception cref="RpcException">The error for the client.</exception>
[return: IpcSensitive]
public delegate JsonNode? RpcActor([IpcSensitive] RpcCall call);

/// <summary>Runs a method whose result contains keys. It is text in JSON, which everybody who holds it wipes.</summary>
/// <exception cref="RpcException">The error for the client. It contains no keys.</exception>
public delegate SecretString SecretRpcActor([IpcSensitive] RpcCall call);

/// <summary>An argument that carries keys or passphrases.</summary>
/// <param name="Index">Its place among the arguments of the command.</param>
/// <param name="Json">Its value, as text in JSON.</param>
public sealed record SecretArgument(int Index, SecretString Json);

/// <summary>A call of a method.</summary>
/// <param name="Method">The method's name.</param>
/// <param name="Params">
/// The arguments in the order of the command's argument names; null for an omitted one.
/// </param>
/// <param name="Uri">The path of the request; it can name the wallet.</param>
/// <param name="User">The user who asks.</param>
/// <param name="IsLast">
/// Whether no other process is left to ask: a method that cannot serve the call then throws the reason.
/// </param>
/// <param name="Given">The number of arguments up to the last given one; some of them may be null.</param>
/// <param name="Secrets">
/// The arguments that stand apart, because they carry keys or passphrases; <paramref name="Params"/> has an empty value
/// for each. Null if none stands apart.
/// </param>
public sealed record RpcCall(
    string Method,
    JsonNode?[] Params,
    string Uri,
    string User,
    bool IsLast,
    int Given = 0,
    SecretArgument[]? Secrets = null);

/// <summary>The type of an argument.</summary>
public enum RpcType
{
    /// <summary>Anything.</summary>
    Any,

    /// <summary>Text.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary>True or false.</summary>
    Bool,

    /// <summary>An array.</summary>
    List,

    /// <summary>An object.</summary>
    Map,

    /// <summary>Help and clients see text; the method accepts any type.</summary>
    Unchecked,
}

/// <summary>An argument of a method.</summary>
/// <param name="Name">Its name; several names are separated by "|".</param>
/// <param name="Type">Its type.</param>
/// <param name="IsOptional">Whether it may be left out.</param>
/// <param name="Shown">How help shows it; empty for the form that follows from name and type.</param>
/// <param name="Members">For an object: the members that can be given like arguments.</param>
/// <param name="IsHidden">Whether it is for tests only: help does not list it.</param>
/// <param name="IsSecret">Whether it carries keys or passphrases.</param>
public sealed record RpcArgument(
    string Name,
    RpcType Type,
    bool IsOptional = false,
    string Shown = "",
    RpcMember[]? Members = null,
    bool IsHidden = false,
    bool IsSecret = false);

/// <summary>A member of an object that is an argument.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type; anything but text is converted by clients.</param>
public sealed record RpcMember(string Name, RpcType Type);

/// <summary>Which process runs a method, if several processes have it.</summary>
public enum RpcScope
{
    /// <summary>The first one that does not report a missing wallet.</summary>
    First,

    /// <summary>
    /// The one that has the wallet of the call. If the call names none, exactly one wallet must be loaded in all
    /// processes together.
    /// </summary>
    Wallet,

    /// <summary>All of them; their lists are joined.</summary>
    Every,
}

/// <summary>A method of the JSON-RPC server. Any process may register one with the node.</summary>
/// <param name="Category">The heading under which help lists it.</param>
/// <param name="Name">The name that clients use.</param>
/// <param name="Arguments">The arguments, in order.</param>
/// <param name="Help">A sentence that describes it.</param>
/// <param name="Actor">The method, called on the thread of the request.</param>
/// <param name="Scope">Which process runs it, if several have it.</param>
/// <param name="SecretActor">The method for callers who wipe the result; null if the result contains no keys.</param>
public sealed record RpcCommand(
    string Category,
    string Name,
    RpcArgument[] Arguments,
    string Help,
    RpcActor Actor,
    RpcScope Scope = RpcScope.First,
    SecretRpcActor? SecretActor = null);
