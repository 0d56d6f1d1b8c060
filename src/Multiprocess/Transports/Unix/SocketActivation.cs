using System.Globalization;

namespace Multiprocess.Transports.Unix;

/// <summary>Finds the listening sockets that a service manager passed to this process (<c>LISTEN_FDS</c>).</summary>
internal static class SocketActivation
{
    /// <summary>The first descriptor: the sockets follow the standard streams.</summary>
    private const int FirstDescriptor = 3;

    // More sockets than any unit file lists, plus the standard streams.
    private const int MostDescriptors = 4096;

    /// <summary>Finds the descriptor of a name, or the first descriptor.</summary>
    /// <param name="name">The name in <c>LISTEN_FDNAMES</c>; null for the first descriptor.</param>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="processId">
    /// The id of this process. <c>LISTEN_PID</c> must equal it, because other processes inherit the variables.
    /// </param>
    /// <exception cref="IpcException">No socket was passed, or none of that name.</exception>
    public static int Find(string? name, Func<string, string?> variable, int processId)
    {
        string what = name is null ? "systemd" : $"systemd:{name}";
        string? owner = variable("LISTEN_PID");
        if (owner != processId.ToString(CultureInfo.InvariantCulture))
        {
            throw Failed(what, owner is null
                ? $"LISTEN_PID: Expected {processId}, got none. Socket activation did not start this process."
                : $"LISTEN_PID: Expected {processId}, got '{IpcText.Escape(owner)}'. The sockets belong to another process.");
        }

        if (!int.TryParse(variable("LISTEN_FDS"), NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            || count is < 1 or > MostDescriptors)
        {
            throw Failed(
                what, $"LISTEN_FDS: Expected a number from 1 to {MostDescriptors}, got '{variable("LISTEN_FDS")}'.");
        }

        if (name is null)
        {
            return FirstDescriptor;
        }

        string[] names = (variable("LISTEN_FDNAMES") ?? string.Empty).Split(':');
        int index = Array.IndexOf(names, name, 0, Math.Min(count, names.Length));
        return index >= 0
            ? FirstDescriptor + index
            : throw Failed(
                what, $"LISTEN_FDNAMES: Expected the name '{name}', got {string.Join(", ", names.Take(count))}.");
    }

    /// <summary>Creates the exception for a passed socket that cannot be listened on.</summary>
    public static IpcException Failed(string what, string reason)
        => new(IpcErrorKind.AddressUnavailable, $"Cannot listen on '{what}': {reason}");
}
