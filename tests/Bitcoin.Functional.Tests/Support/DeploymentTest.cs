using Bitcoin.Primitives;
using Dash;

namespace Bitcoin.Functional.Support;

/// <summary>
/// A test of the suite that passes over either deployment: it starts the program that is given, and sees nothing of
/// whether that is one process or several.
/// </summary>
[TestFixtureSource(typeof(HostFolder), nameof(HostFolder.Deployments))]
[Category("Deployment")]
internal abstract class DeploymentTest(string program) : FunctionalTest
{
    /// <inheritdoc/>
    protected override ICurrency Currency { get; } = IsDash(program) ? DashCurrency.Instance : BitcoinCurrency.Instance;

    /// <inheritdoc/>
    protected override string Folder => IsDash(program) ? Path.GetDirectoryName(program)! : base.Folder;

    protected Host StartNode(params string[] args) => StartHere(program, ["-printtoconsole=0", .. args]);

    /// <summary>Starts it and waits until it has started.</summary>
    protected RpcClient Run(out Host node, params string[] args)
    {
        node = StartNode(args);
        return Rpc().WaitUntilStarted(node);
    }

    protected void Stop(Host node)
    {
        Rpc().Call("stop");
        Assert.That(node.WaitForExit(), Is.Zero, node.Errors);
    }

    private static bool IsDash(string program)
        => Path.GetFileName(program).StartsWith(DashCurrency.Instance.Names.Prefix, StringComparison.Ordinal);
}
