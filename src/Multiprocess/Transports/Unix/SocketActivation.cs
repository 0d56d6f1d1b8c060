using System.Globalization;

namespace Multiprocess.Transports.Unix;

/// <summary>Which of this process's descriptors a service manager has handed to it as listening sockets (<c>LISTEN_FDS</c>).</summary>
internal static class SocketActivation
{
    /// <summary>The number of the first: they follow the standard streams.</summary>
    private const int FirstDescriptor = 3;

    // Together with the standard streams more than any unit file lists.
    private const int MostDescriptors = 4096;

    /// <summary>Finds the descriptor with a name, or the first.</summary>
    /// <param name="name">The name in <c>LISTEN_FDNAMES</c>; null for the first descriptor.</param>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="processId">This process: what <c>LISTEN_PID</c> must say, because the variables are inherited further.</param>
    /// <exception cref="IpcException">Nothing was handed over, or nothing of that name.</exception>
    public static int Find(string? name, Func<string, string?> variable, int processId)
    {
        string what = name is null ? "systemd" : $"systemd:{name}";
        string? owner = variable("LISTEN_PID");
        if (owner != processId.ToString(CultureInfo.InvariantCulture))
        {
            throw Failed(what, owner is null
                ? "this process was not started by socket activation: LISTEN_PID is not set."
                : $"the sockets were handed to process {owner}, and this is process {processId}.");
        }

        if (!int.TryParse(variable("LISTEN_FDS"), NumberStyles.None, CultureInfo.InvariantCulture, out int count) || count is < 1 or > MostDescriptors)
        {
            throw Failed(what, $"LISTEN_FDS is '{variable("LISTEN_FDS")}'; expected a number from 1 to {MostDescriptors}.");
        }

        if (name is null)
        {
            return FirstDescriptor;
        }

        string[] names = (variable("LISTEN_FDNAMES") ?? string.Empty).Split(':');
        int index = Array.IndexOf(names, name, 0, Math.Min(count, names.Length));
        return index >= 0 ? FirstDescriptor + index : throw Failed(what, $"no socket has that name; there are: {string.Join(", ", names.Take(count))}.");
    }

    /// <summary>The failure to listen on what was handed over.</summary>
    public static IpcException Failed(string what, string reason) => new(IpcErrorKind.AddressUnavailable, $"Cannot listen on '{what}': {reason}");
}
