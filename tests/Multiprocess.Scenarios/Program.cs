using Multiprocess;
using Multiprocess.Scenarios;
using Multiprocess.Scenarios.Harness;

// Started by the integration tests and ./eng/aot: the other process of every scenario, or the one that plays them all.
if (IpcParent.TryServe<IWorkshop>(args, _ => new Workshop(), out int exitCode))
{
    return exitCode;
}

if (args is ["play", var program])
{
    return await Play.AllAsync(program);
}

Console.Error.WriteLine("Expected play PROGRAM, or to be started by Multiprocess.Integration.Tests.");
return 1;
