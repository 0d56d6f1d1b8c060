using Multiprocess;
using Company.Ipc1;

if (IpcParent.TryServe<IGreeter>(args, connection => new Greeter(), out int exitCode))
{
    return exitCode;
}

Console.Error.WriteLine("This program is started by its parent.");
return 2;
