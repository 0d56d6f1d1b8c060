using System.Text.Json.Nodes;
using Multiprocess;

namespace Bitcoin.Interfaces;

/// <summary>Runs a method.</summary>
/// <exception cref="RpcException">The error the client is to see.</exception>
[return: IpcSensitive]
public delegate JsonNode? RpcActor([IpcSensitive] RpcCall call);

/// <summary>A call of a method.</summary>
/// <param name="Method">The method's name.</param>
/// <param name="Params">
/// The arguments in the order of the command's argument names; null where one was left out.
/// </param>
/// <param name="Uri">The path of the request; it names the wallet.</param>
/// <param name="User">Who asks.</param>
/// <param name="IsLast">
/// Whether nobody else has a method of this name: one that cannot serve the call then says why.
/// </param>
/// <param name="Given">How many of the arguments were given, up to the last; a null may be among them.</param>
public sealed record RpcCall(string Method, JsonNode?[] Params, string Uri, string User, bool IsLast, int Given = 0);

/// <summary>What an argument of a method must be.</summary>
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

    /// <summary>Text as far as clients are concerned, but the method takes anything.</summary>
    Unchecked,
}

/// <summary>An argument of a method.</summary>
/// <param name="Name">Its name; several stand with a "|" between them.</param>
/// <param name="Type">What it must be.</param>
/// <param name="IsOptional">Whether it may be left out.</param>
/// <param name="Shown">How help shows it; empty for what follows from name and type.</param>
/// <param name="Members">Names within it, where it is an object, that may be given as if they were arguments.</param>
public sealed record RpcArgument(
    string Name, RpcType Type, bool IsOptional = false, string Shown = "", string[]? Members = null);

/// <summary>Which of several processes that have a method of one name runs it.</summary>
public enum RpcScope
{
    /// <summary>The first that does not lack the wallet in question.</summary>
    First,

    /// <summary>
    /// The one that has the wallet that the call names; if it names none, all of them together must have exactly one.
    /// </summary>
    Wallet,

    /// <summary>All of them; their lists are put together.</summary>
    Every,
}

/// <summary>A method of the JSON-RPC server. Any process may register one with the node.</summary>
/// <param name="Category">The heading under which help lists it.</param>
/// <param name="Name">What clients call.</param>
/// <param name="Arguments">The arguments, in order.</param>
/// <param name="Help">What it does, in a sentence.</param>
/// <param name="Actor">Runs it, on the thread of the request.</param>
/// <param name="Scope">Who runs it where several processes have it.</param>
public sealed record RpcCommand(
    string Category,
    string Name,
    RpcArgument[] Arguments,
    string Help,
    RpcActor Actor,
    RpcScope Scope = RpcScope.First);
