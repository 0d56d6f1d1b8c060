using System.Collections.Concurrent;
using System.Reflection;
using Multiprocess.Generator.Tests.Harness;

namespace Multiprocess.Generator.Tests.Versions;

/// <summary>Programs of one contract in several versions, each compiled once: one serves, another calls.</summary>
internal static class Peers
{
    private const string Surroundings = """
        using System;
        using System.Collections.Generic;
        using System.Linq;
        using System.Threading.Tasks;
        using Multiprocess;

        namespace Demo;

        """;

    private static readonly ConcurrentDictionary<string, Assembly> s_compiled = new();

    /// <summary>
    /// What a client of one version gets from a server of another: what its <c>Program.Call</c> returns, or the
    /// exception.
    /// </summary>
    /// <param name="client">
    /// A source with a class <c>Program</c> that has <c>string Call(IContract root, string what)</c>.
    /// </param>
    /// <param name="server">A source with a class <c>Service</c>.</param>
    /// <param name="what">What the client calls.</param>
    public static string Call(string client, string server, string what)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("ipc");
        try
        {
            string address = $"unix:{folder.FullName}/peer.sock";
            using var listening = (IDisposable)Run(server, "Listen", address);
            return (string)Run(client, "Connect", address, what);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static object Run(string source, string method, params object[] arguments)
        => s_compiled.GetOrAdd(source, Compile).GetType("Demo.Peer")!.GetMethod(method)!.Invoke(null, arguments)!;

    private static Assembly Compile(string source) => GeneratorRun.Load(Surroundings + source + """

        public static class Peer
        {
            public static IDisposable Listen(string address) => IpcServer.Listen<IContract>(address, _ => new Service());

            public static string Connect(string address, string what)
            {
                using var connection = IpcConnection.Connect<IContract>(address);
                try
                {
                    return Program.Call(connection.Root, what);
                }
                catch (Exception exception)
                {
                    string first = exception is IpcException { Kind: var kind } ? kind + ": " + exception.Message : exception.ToString();
                    return connection.Completion.IsCompleted ? "The connection ended. " + first : first;
                }
            }
        }
        """);
}
