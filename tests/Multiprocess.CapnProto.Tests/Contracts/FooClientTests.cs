using System.Diagnostics;
using System.Net.Sockets;
using Multiprocess.CapnProto.Rpc;
using Multiprocess.CapnProto.Tests.Rpc;

namespace Multiprocess.CapnProto.Tests.Contracts;

/// <summary>
/// The other direction of <see cref="FooTests"/>: if the variable LIBMULTIPROCESS_FOO_CLIENT names a program, it calls
/// this library's server. The program's argument is the socket; it ends with 0.
/// </summary>
public sealed class FooClientTests
{
    private static IEnumerable<string> Programs
        => Environment.GetEnvironmentVariable("LIBMULTIPROCESS_FOO_CLIENT") is { Length: > 0 } there ? [there] : [];

    [TestCaseSource(nameof(Programs))]
    public async Task Client_of_libmultiprocess_is_served(string program)
    {
        string folder = Directory.CreateTempSubdirectory("capnp").FullName;
        string path = Path.Combine(folder, "foo.sock");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        using Process client = Process.Start(
            new ProcessStartInfo(program, [path]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = client.StandardOutput.ReadToEndAsync();
        Task<string> complaints = client.StandardError.ReadToEndAsync();
        await using var connection = CapnpConnection.Attach(
            new NetworkStream(await listener.AcceptAsync(), ownsSocket: true), CapnpContract.Serve<IFoo>(new Foo()));

        bool hasEnded = client.WaitForExit(PeerCalls.Bound);

        if (!hasEnded)
        {
            client.Kill();
        }

        Assert.That(hasEnded, Is.True, await output + await complaints);
        Assert.That(client.ExitCode, Is.Zero, await output + await complaints);
        Directory.Delete(folder, recursive: true);
    }
}
