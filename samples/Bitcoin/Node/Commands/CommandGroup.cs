using Bitcoin.Interfaces;
using Bitcoin.Rpc;

namespace Bitcoin.Node.Commands;

/// <summary>Registers methods of one category.</summary>
internal sealed class CommandGroup(RpcTable table, string category)
{
    /// <summary>Adds a method.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="arguments">
    /// Its arguments in the form of <see cref="ArgumentList"/>, as in "blockhash:text verbosity|verbose:any?".
    /// </param>
    /// <param name="help">Its description.</param>
    /// <param name="actor">Runs it.</param>
    /// <param name="waits">Whether it waits for something to happen, or for another process.</param>
    internal void Add(string name, string arguments, string help, RpcActor actor, bool waits = false)
        => table.Register(new RpcCommand(category, name, ArgumentList.Parse(arguments), help, actor), waits);
}
