// The phone's pages without a network: a worker of their own keeps them (service_worker.js).
if (document.body.dataset.me && navigator.serviceWorker) {
  navigator.serviceWorker.register('/sw.js').catch(() => {}); // forbidden here: then only with a network
  navigator.serviceWorker.ready.then(({ active }) => active.postMessage('warm'));
}
