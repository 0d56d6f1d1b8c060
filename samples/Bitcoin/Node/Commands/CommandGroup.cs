using Bitcoin.Interfaces;
using Bitcoin.Rpc;

namespace Bitcoin.Node.Commands;

/// <summary>Registers methods of one category.</summary>
internal sealed class CommandGroup(RpcTable table, string category)
{
    /// <summary>Adds a method.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="arguments">
    /// Its arguments, as in "blockhash:text verbosity|verbose:any? stats:list?=stats": names, a type, a mark for
    /// optional ones, and how help shows them if not by name and type.
    /// </param>
    /// <param name="help">Its description.</param>
    /// <param name="actor">Runs it.</param>
    /// <param name="waits">Whether it waits for something to happen, or for another process.</param>
    internal void Add(string name, string arguments, string help, RpcActor actor, bool waits = false)
        => table.Register(new RpcCommand(category, name, Parse(arguments), help, actor), waits);

    private static RpcArgument[] Parse(string arguments)
    {
        return [.. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static argument =>
        {
            int equals = argument.IndexOf('=', StringComparison.Ordinal);
            string[] parts = (equals < 0 ? argument : argument[..equals]).Split(':');
            bool isOptional = parts[1].EndsWith('?');
            return new RpcArgument(
                parts[0], TypeOf(parts[1].TrimEnd('?')), isOptional, equals < 0 ? "" : argument[(equals + 1)..]);
        })];
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
