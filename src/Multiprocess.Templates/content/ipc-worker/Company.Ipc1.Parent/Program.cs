using Multiprocess;
using Company.Ipc1;

// Starts the worker, and starts it again if it crashes.
using var worker = IpcSupervisor<IGreeter>.Start("Company.Ipc1.Worker");
Console.WriteLine(worker.Root.Greet("worker"));
