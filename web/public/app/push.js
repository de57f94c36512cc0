// Shows what comes by web push, also while no page is open. It is a worker of its own, as it comes: bundles change their names.
addEventListener('push', (event) => {
  const { id, title, body } = event.data.json();
  event.waitUntil(self.registration.showNotification(title, { body, tag: id }));
});

addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(show());
});

async function show() {
  const [open] = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  await (open ? open.focus() : self.clients.openWindow('/app/feed'));
}
