using Multiprocess;
using Multiprocess.Scenarios;

// Started by the integration tests: the other process of every scenario.
if (IpcParent.TryServe<IWorkshop>(args, _ => new Workshop(), out int exitCode))
{
    return exitCode;
}

Console.Error.WriteLine("This program is started by Multiprocess.Integration.Tests.");
return 1;
