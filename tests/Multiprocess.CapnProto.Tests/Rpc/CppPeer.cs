using System.Diagnostics;
using Multiprocess.CapnProto.Tests.Support;

namespace Multiprocess.CapnProto.Tests.Rpc;

/// <summary>The peer in C++.</summary>
internal static class CppPeer
{
    private static readonly CppProgram s_program = new("Peer", "peer");

    /// <summary>Gives the program. Skips the test where it cannot be built.</summary>
    public static string Require() => s_program.Require();

    /// <summary>Starts a server or a client, and waits for the first line of a server.</summary>
    public static async Task<Process> StartAsync(string mode, string path)
        => mode == "server" ? await s_program.StartServerAsync(mode, path) : s_program.Start(mode, path);
}
