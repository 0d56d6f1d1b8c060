using Multiprocess;
using Company.Ipc1;

using var connection = IpcConnection.Connect<IGreeter>(args is [var address] ? address : "unix:greeter.sock");
using (connection.Root.Watch(greeting => Console.WriteLine($"Heard: {greeting}")))
{
    Console.WriteLine(connection.Root.Greet("client"));
}
